"""The command `alerts`: what the rules find, and, when asked to, each sent once to those who are to be told."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from data.alerting import as_json, evaluated, rules_path, send
from data.channels import channels
from data.recorded import add_by
from data.store import Store
from metrics.alert_file import read_alerts
from metrics.commands import Add
from metrics.problems import Problem
from metrics.visible import visible


def add_alerts(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds it."""
    parser = command(commands, "alerts", _alerts, "what is over a limit, off its pace, late or of lower quality")
    parser.add_argument("--rules", type=Path, metavar="FILE", help="default: $QUHENG_ALERTS, else [quheng] alerts")
    parser.add_argument("--cycle", default="", metavar="CYCLE", help="default: the last one with facts")
    parser.add_argument("--send", action="store_true", help="to those who have not been told yet, by mail and webhook")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    add_by(parser)


def _alerts(options: argparse.Namespace) -> int:
    store, lang = Store(options.db), options.lang
    found = evaluated(store, read_alerts(rules_path(options.rules)), cycle=options.cycle)
    to = channels() if options.send else None
    told = list(zip(found.alerts, found.sentences(lang), strict=True))
    if options.format == "json":
        rows = [{**as_json(one, words), "tell": list(one.tell)} for one, words in told]
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for one, words in told:
            print(visible(one.rule), visible(words), sep="\t")
        if not told:
            print("没有提醒" if lang == "zh" else "No alerts")
    if to is None:
        return 0
    if to.mail is None and to.webhook is None:
        print(Problem("no_channel").render("", lang), file=sys.stderr)
        return 0
    outcome = send(store, found, to)
    for channel, count in outcome.sent.items():
        print(visible(f"已发 {count} 条：{channel}" if lang == "zh" else f"Sent {count} to {channel}"), file=sys.stderr)
    for problem in outcome.failed:
        print(problem.render("", lang), file=sys.stderr)
    return 1 if outcome.failed else 0
