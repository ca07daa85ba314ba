"""README.txt of a bundle: what each file is, and how anyone checks it, in both languages."""

from metrics.states import Standing, marked

UNSIGNED = ("没有签名：不能证明是谁做的", "Not signed: nothing shows who made it")
WORDS = """区衡复核包 · Quheng bundle
{marks}
怎样核对
  1. 安装 Python 3.11 以上和 manifest.json 中 libraries 所列组件（另加 cryptography），取得本程序或 verify.pyz。
  2. 运行 python -m metrics verify 本文件.zip --key 公布的公钥指纹
     或   python verify.pyz 本文件.zip --key 公布的公钥指纹
     第一行以 match 开头：由包内的事实和定义重新算出的数，与包内的得分一致，且包未被改动。
     以 MISMATCH 开头：其后逐句说明哪里不符。
  3. 公钥指纹请从发布单位另行取得（公告、函件、网站），不要只看包里的公钥。

不用本程序也能核对
  文件是否被改：解压后 sha256sum 各文件，与 manifest.json 比较。
  签名：openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
  指纹：openssl pkey -pubin -in public_key.pem -outform DER | sha256sum

文件
  scorecard.csv    得分：每周期、地区、指标一行，全精度
  facts.csv        所用的全部事实（算一个地区的得分也要用到其他地区和以前的周期）
  regions.csv      地区及其属性
  definitions.yaml 指标定义原文：公式、权重、系数、规则
  factors.csv      系数表，供阅读（计算取自 definitions.yaml）
  adjustments.csv  会审后同意的调整：谁、哪个周期、几分、为什么、佐证的 SHA-256（没有调整的包没有它）
  manifest.json    每个文件的 SHA-256 和大小、程序与组件版本、快照、周期及其状态、谁在何时取出
  manifest.sig     对 manifest.json 的 Ed25519 签名；public_key.pem 公钥（没有签名的包没有这两个文件）
  文字前的撇号（'=1+1）只为防止电子表格把它当公式，核对时自动去掉。

How to check
  1. Install Python 3.11 or newer, the libraries named in manifest.json, and cryptography; get the program or
     verify.pyz.
  2. Run  python -m metrics verify THIS.zip --key THE_PUBLISHED_FINGERPRINT
     or   python verify.pyz THIS.zip --key THE_PUBLISHED_FINGERPRINT
     A first line that begins with match: the scores, computed again from the facts and definitions inside, are those
     of the bundle, and nothing was changed. MISMATCH: the sentences after it say what does not hold.
  3. Get the key's fingerprint from the issuing office by another way (a notice, a letter, its site), not from the
     bundle alone.

Without the program
  Files changed?  Unzip, sha256sum each file, compare with manifest.json.
  Signature:      openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
  Fingerprint:    openssl pkey -pubin -in public_key.pem -outform DER | sha256sum

Files
  scorecard.csv    the scores: a row a cycle, region and indicator, at full precision
  facts.csv        every fact used (one region's score needs the other regions and earlier cycles too)
  regions.csv      regions and their attributes
  definitions.yaml the text of the definitions: formulas, weights, factors, rules
  factors.csv      the factors as a table, for readers (computing takes them from definitions.yaml)
  adjustments.csv  adjustments that were agreed on: whose, in which cycle, how many points, why, SHA-256 of the evidence
                   (absent where there are none)
  manifest.json    SHA-256 and size of each file, versions of program and libraries, snapshot, cycles and their state,
                   by whom and when it was taken
  manifest.sig     the Ed25519 signature of manifest.json; public_key.pem its key (neither, where it is not signed)
  An apostrophe before a text ('=1+1) only keeps spreadsheets from computing it; verification takes it away.
"""


def text(standing: Standing, editions: str, notice: str, *, signed: bool) -> str:
    """The whole text, with what the bundle is marked as, and its results' `editions`, at its top."""
    marks = filter(None, (marked(*standing, lang) for lang in ("zh", "en")))
    edition = f"结果版次 · edition of the results: {editions}" if editions else ""
    told = (notice, " · ".join(marks), edition, "" if signed else " · ".join(UNSIGNED))
    lines = "".join(f"{' '.join(line.split())}\n" for line in told if line)
    return WORDS.replace("{marks}\n", f"{lines}\n")
