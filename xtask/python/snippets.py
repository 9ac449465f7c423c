"""Runs the snippets of a Markdown file, in order, in a temporary folder.

Blocks marked `python` share their names; blocks also marked `torch` are skipped with a message without PyTorch; blocks
marked `sh` run in bash. Other blocks are ignored. The first failure ends the script with its line.
"""

import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback


def snippets(text):
    """Yields line, words after the fence, and code of every block."""
    block, start, info = None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if block is None:
                block, start, info = [], number, line[3:].split()
            else:
                yield start, info, "\n".join(block) + "\n"
                block = None
        elif block is not None:
            block.append(line)


def main():
    path = pathlib.Path(sys.argv[1]).resolve()
    names, ran = {"__name__": "snippets"}, 0
    has_torch = importlib.util.find_spec("torch") is not None
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for line, info, code in snippets(path.read_text(encoding="utf-8")):
            if not info or info[0] not in ("python", "sh"):
                continue
            if "torch" in info and not has_torch:
                print(f"==> SKIPPED: {path.name}:{line}: PyTorch is not installed", flush=True)
                continue
            print(f"==> {path.name}:{line}", flush=True)
            if info[0] == "sh":
                failed = subprocess.run(["bash", "-e", "-c", code]).returncode != 0
            else:
                try:
                    # Keep the line numbers of the file in tracebacks.
                    exec(compile("\n" * line + code, str(path), "exec"), names)
                    failed = False
                except Exception:
                    traceback.print_exc()
                    failed = True
            if failed:
                sys.exit(f"{path.name}:{line}: the snippet failed")
            ran += 1
        os.chdir(path.parent)
    if ran == 0:
        sys.exit(f"{path.name} has no snippets")
    print(f"{ran} snippets ran")


main()
