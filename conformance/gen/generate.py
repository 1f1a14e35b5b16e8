"""Make the vectors of both wheels: environments, vocabulary, output folders.

    python3 conformance/gen/generate.py                      the committed files, again (a clean tree afterwards)
    python3 conformance/gen/generate.py --out F --seed S --count N    other vectors, for the live test:
    HARMONY_VECTORS=F go test ./conformance -run Live

Standard library only. It makes one virtual environment for each wheel (both import as openai_harmony)
under --environments, installs the pinned requirements there once, and runs make.py and peer.py in them.
openai-harmony reads its vocabulary from a file that the Go module cache already has, so nothing else
is downloaded.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
WHEELS = {"openai-harmony-0.0.8": "requirements-openai.txt", "oss-harmony-0.0.11": "requirements-oss.txt"}
COMMITTED = {"openai-harmony-0.0.8": ("1", 40), "oss-harmony-0.0.11": ("2", 24)}  # seed, count
LOADER = "github.com/pkoukk/tiktoken-go-loader"


def environment(folder, requirements):
    """The interpreter of a virtual environment with requirements; made where it is missing."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = folder / "installed.txt"
    wanted = requirements.read_text()
    if python.exists() and done.exists() and done.read_text() == wanted:
        return python
    venv.create(folder, with_pip=True, clear=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], check=True)
    done.write_text(wanted)
    return python


def vocabulary_folder():
    """The folder with o200k_base.tiktoken in the Go module cache."""
    subprocess.run(["go", "mod", "download", LOADER], cwd=HERE, check=True)
    listed = subprocess.run(["go", "list", "-m", "-f", "{{.Dir}}", LOADER], cwd=HERE, check=True, capture_output=True, text=True)
    return pathlib.Path(listed.stdout.strip()) / "assets"


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--out", type=pathlib.Path, default=None, help="folder that gets one folder for each wheel (default: testdata/generated, with the committed seeds and counts)")
    args.add_argument("--seed", default=None)
    args.add_argument("--count", type=int, default=None, help="inputs of each kind")
    args.add_argument("--environments", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "harmony-conformance")
    given = args.parse_args()
    committed = given.out is None
    out = given.out or HERE.parent / "testdata" / "generated"
    settings = dict(os.environ, TIKTOKEN_ENCODINGS_BASE=str(vocabulary_folder()), PYTHONDONTWRITEBYTECODE="1", PYTHONUTF8="1")
    for wheel, requirements in WHEELS.items():
        python = environment(given.environments / wheel, HERE / requirements)
        seed, count = COMMITTED[wheel]
        command = [python, HERE / "make.py", "--out", out / wheel, "--seed", given.seed or seed, "--count", str(given.count or count)]
        subprocess.run(command, env=settings, check=True)
        if committed and wheel == "openai-harmony-0.0.8":
            subprocess.run([python, HERE / "peer.py", "--out", HERE.parent / "testdata" / "peer"], env=settings, check=True)


if __name__ == "__main__":
    sys.exit(main())
