"""What the trials of an uncertainty analysis draw, in words."""

from metrics.drawn import Robustness
from metrics.shown import pick, share


def trials_words(settings: Robustness, lang: str) -> str:
    """How many trials there are, the seed, and what each of them draws."""
    told = [
        pick(
            lang,
            f"{settings.trials:,} 次抽样，种子 {settings.seed}",
            f"{settings.trials:,} trials, seed {settings.seed}",
        )
    ]
    if settings.weights is not None:
        spread = share(settings.weights.spread)
        told.append(pick(lang, f"各级权重 ±{spread} 浮动", f"weights of all levels ±{spread}"))
    lists = {
        ("归一化", "normalisation"): settings.normalise,
        ("汇总方法", "aggregation"): settings.aggregate,
        ("缺失值处理", "missing values"): settings.missing,
        ("基准框", "frame"): settings.frame,
    }
    told += [
        pick(lang, f"{zh} {len(options)} 种", f"{en}: {len(options)}") for (zh, en), options in lists.items() if options
    ]
    told += [pick(lang, "每次去掉一个指标", "one indicator left out each time")] if settings.drop_one else []
    return pick(lang, "、", ", ").join(told)
