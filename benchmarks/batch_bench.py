#!/usr/bin/env python3
"""batch_bench: time several commands over the same folder of notebooks/scripts, in alternation (A B A B), stdlib only.

  batch_bench.py --corpus DIR --runs 5 \
     --cmd 'ruff cold=ruff check --no-cache --exit-zero {corpus}' \
     --cmd 'ruff warm=ruff check --exit-zero --cache-dir {cache} {corpus}' \
     --cmd 'mine cold=mine audit --cache {fresh} {corpus}' --out batch.json

A command is a template (no shell unless --shell):
  {corpus}  the folder (a private copy of --corpus)      {files}   all its files, as separate arguments
  {cache}   a folder kept for this command from run to run: a warm cache after the untimed warm-up
  {fresh}   an empty folder for each run: a cold cache   {out}     a scratch output file
Per run: wall, user+sys CPU and peak RSS of the process tree (wait4's rusage gives CPU with all reaped descendants
and the largest single process; the tree's summed PSS is sampled beside it).  Medians, and ratios to the first
command as the median of paired runs with a seeded bootstrap interval.

  --replicate K   K copies of the corpus, each file made unique (a trailing comment), to audit thousands of notebooks
  --mutate M      before each round edit M random files (seeded), so that warm runs are incremental runs
  --only ipynb,py which suffixes to copy
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path


def pss_tree(pid: int) -> int:
    total, todo, seen = 0, [pid], 0
    while todo and seen < 200:
        p = todo.pop()
        seen += 1
        try:
            with open(f"/proc/{p}/smaps_rollup") as f:
                for line in f:
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
                        break
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/children") as f:
                    todo.extend(int(x) for x in f.read().split())
        except OSError:
            pass
    return total


def one(argv, shell, timeout, sample, cwd):
    peak = [0]
    t0 = time.perf_counter()
    p = subprocess.Popen(
        argv,
        shell=shell,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=cwd,
        start_new_session=True,
    )
    if os.nice(0) < 0:  # a kernel that groups by session needs to be told for the new session
        try:
            Path(f"/proc/{p.pid}/autogroup").write_text(str(os.nice(0)))
        except OSError:
            pass
    stop = threading.Event()
    err = []

    def drain():
        for chunk in iter(lambda: p.stderr.read(65536), b""):
            if sum(map(len, err)) < 4000:
                err.append(chunk)

    def watch():
        while not stop.wait(sample):
            peak[0] = max(peak[0], pss_tree(p.pid))
            if time.perf_counter() - t0 > timeout:
                try:
                    os.killpg(p.pid, 9)
                except OSError:
                    pass

    td = threading.Thread(target=drain, daemon=True)
    tw = threading.Thread(target=watch, daemon=True)
    td.start()
    tw.start()
    _, status, ru = os.wait4(p.pid, 0)
    wall = time.perf_counter() - t0
    stop.set()
    tw.join()
    td.join(2)
    p.returncode = os.waitstatus_to_exitcode(status)
    return {
        "wall_s": wall,
        "cpu_s": ru.ru_utime + ru.ru_stime,
        "peak_rss_mb": ru.ru_maxrss / 1024,
        "tree_pss_mb": peak[0] / 1024,
        "rc": p.returncode,
        "stderr": b"".join(err)[-400:].decode(errors="replace") if p.returncode not in (0, 1) else "",
    }


def mutate_file(p: Path, note: str):
    if p.suffix == ".ipynb":
        try:
            nb = json.loads(p.read_bytes())
            for c in reversed(nb.get("cells", [])):
                if c.get("cell_type") == "code":
                    s = c.get("source", "")
                    s = "".join(s) if isinstance(s, list) else s
                    c["source"] = s.rstrip("\n") + f"\n# {note}"
                    break
            p.write_text(json.dumps(nb, indent=1, ensure_ascii=False), encoding="utf-8")
        except (ValueError, OSError):
            pass
    else:
        with open(p, "a", encoding="utf-8") as f:
            f.write(f"\n# {note}\n")


def count(files):
    lines = code = cells = 0
    for p in files:
        try:
            if p.suffix == ".ipynb":
                for c in json.loads(p.read_bytes()).get("cells", []):
                    if c.get("cell_type") == "code":
                        s = c.get("source", "")
                        s = "".join(s) if isinstance(s, list) else s
                        cells += 1
                        code += len(s.encode())
                        lines += s.count("\n") + 1
            else:
                b = p.read_bytes()
                code += len(b)
                lines += b.count(b"\n")
        except (ValueError, OSError):
            pass
    return {
        "files": len(files),
        "bytes": sum(p.stat().st_size for p in files),
        "code_bytes": code,
        "code_lines": lines,
        "code_cells": cells,
    }


def med(xs):
    return statistics.median(xs) if xs else None


def boot(pairs, seed):
    rs = [a / b for a, b in pairs if a and b]
    if not rs:
        return None
    rng = random.Random(seed)
    m = sorted(statistics.median(rng.choices(rs, k=len(rs))) for _ in range(1000))
    return {"ratio": round(statistics.median(rs), 3), "lo": round(m[25], 3), "hi": round(m[974], 3)}


def table(head, rows):
    w = [max(len(str(x)) for x in col) for col in zip(head, *rows)]
    f = lambda r: (
        "| " + " | ".join(str(x).ljust(w[0]) if i == 0 else str(x).rjust(w[i]) for i, x in enumerate(r)) + " |"
    )
    return "\n".join([f(head), "|" + "|".join("-" * (k + 2) for k in w) + "|"] + [f(r) for r in rows])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--corpus", required=True)
    ap.add_argument(
        "--cmd", action="append", required=True, metavar="NAME=TEMPLATE", help="repeat; the first is the baseline"
    )
    ap.add_argument(
        "--prepare", action="append", default=[], metavar="NAME=TEMPLATE", help="untimed, before each run of NAME"
    )
    ap.add_argument("--runs", type=int, default=5)
    ap.add_argument("--warmups", type=int, default=1)
    ap.add_argument("--replicate", type=int, default=1)
    ap.add_argument("--mutate", type=int, default=0)
    ap.add_argument("--only", default="ipynb,py")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--shell", action="store_true")
    ap.add_argument("--timeout", type=float, default=900)
    ap.add_argument("--sample", type=float, default=0.05, help="seconds between PSS samples")
    ap.add_argument("--out")
    ap.add_argument("--nice", type=int, help="niceness of the commands (negative on a busy machine, as root)")
    ap.add_argument("--rt", action="store_true", help="real-time priority (as root; short commands only)")
    ap.add_argument("--quiet", action="store_true")
    a = ap.parse_args()
    if a.nice:
        os.nice(a.nice)
    if a.rt:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    work = Path(tempfile.mkdtemp(prefix="batch_bench_"))
    try:
        run(a, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run(a, work: Path):
    say = (lambda *x: None) if a.quiet else (lambda *x: print(*x, file=sys.stderr, flush=True))
    src, dst = Path(a.corpus), work / "corpus"
    suffixes = {"." + s for s in a.only.split(",")}
    files = []
    for p in sorted(src.rglob("*")):
        if p.is_file() and p.suffix in suffixes:
            for k in range(a.replicate):
                q = dst / (f"copy{k:03d}" if a.replicate > 1 else "") / p.relative_to(src)
                q.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(p, q)
                if k:
                    mutate_file(q, f"copy {k}")
                files.append(q)
    size = count(files)
    say(f"corpus: {size}")
    cmds = [c.partition("=")[::2] for c in a.cmd]
    prep = dict(c.partition("=")[::2] for c in a.prepare)
    rng = random.Random(a.seed)
    res = {n: [] for n, _ in cmds}

    def expand(name, tpl):
        cache = work / "cache" / "".join(ch if ch.isalnum() else "_" for ch in name)
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=work, prefix="fresh_"))
        m = {"{corpus}": str(dst), "{cache}": str(cache), "{fresh}": str(fresh), "{out}": str(work / "out.tmp")}
        if a.shell:
            for k, v in m.items():
                tpl = tpl.replace(k, shlex.quote(v))
            return tpl.replace("{files}", " ".join(shlex.quote(str(f)) for f in files)), fresh
        argv = []
        for w in shlex.split(tpl):
            if w == "{files}":
                argv.extend(map(str, files))
                continue
            for k, v in m.items():
                w = w.replace(k, v)
            argv.append(w)
        return argv, fresh

    for r in range(-a.warmups, a.runs):
        if a.mutate and r > -a.warmups:
            for p in rng.sample(files, min(a.mutate, len(files))):
                mutate_file(p, f"edit {r} {rng.random():.6f}")
        for name, tpl in cmds if r % 2 == 0 else cmds[::-1]:
            if name in prep:
                argv, fr = expand(name, prep[name])
                subprocess.run(argv, shell=a.shell, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                shutil.rmtree(fr, ignore_errors=True)
            argv, fresh = expand(name, tpl)
            m = one(argv, a.shell, a.timeout, a.sample, str(dst))
            shutil.rmtree(fresh, ignore_errors=True)
            say(
                f"run {r} {name}: {m['wall_s']:.3f} s wall, {m['cpu_s']:.3f} s cpu, {m['peak_rss_mb']:.0f} MB, rc {m['rc']}"
                + (" " + m["stderr"].strip()[-200:] if m["stderr"] else "")
            )
            if r >= 0:
                res[name].append(m)
    base = res[cmds[0][0]]
    out = {
        "corpus": size,
        "runs": a.runs,
        "seed": a.seed,
        "mutate": a.mutate,
        "load": os.getloadavg(),
        "cpus": os.cpu_count(),
        "commands": dict(cmds),
        "results": {},
    }
    rows = []
    for name, _ in cmds:
        ms = res[name]
        w = med([m["wall_s"] for m in ms])
        row = {k: round(med([m[k] for m in ms]), 4) for k in ("wall_s", "cpu_s", "peak_rss_mb", "tree_pss_mb")}
        row["wall_min_s"] = round(min(m["wall_s"] for m in ms), 4)
        row["files_per_s"] = round(size["files"] / w, 1)
        row["code_mb_per_s"] = round(size["code_bytes"] / 1e6 / w, 3)
        row["klines_per_s"] = round(size["code_lines"] / 1e3 / w, 1)
        row["wall_vs_base"] = boot([(x["wall_s"], y["wall_s"]) for x, y in zip(ms, base)], a.seed)
        row["cpu_vs_base"] = boot([(x["cpu_s"], y["cpu_s"]) for x, y in zip(ms, base)], a.seed)
        row["rc"] = sorted({m["rc"] for m in ms})
        row["runs"] = ms
        out["results"][name] = row
        rr = row["wall_vs_base"]
        rows.append(
            [
                name,
                f"{w:.3f}",
                f"{row['wall_min_s']:.3f}",
                f"{row['cpu_s']:.3f}",
                f"{row['peak_rss_mb']:.0f}",
                f"{row['tree_pss_mb']:.0f}",
                row["files_per_s"],
                row["klines_per_s"],
                f"{rr['ratio']:.2f} [{rr['lo']:.2f}-{rr['hi']:.2f}]",
                f"{row['cpu_vs_base']['ratio']:.2f}",
                row["rc"],
            ]
        )
    text = (
        f"corpus: {size['files']} files, {size['bytes'] / 1e6:.1f} MB, {size['code_cells']} code cells, "
        f"{size['code_lines']} code lines, {size['code_bytes'] / 1e6:.2f} MB of code; medians of {a.runs}\n"
        + table(
            [
                "command",
                "wall s",
                "min",
                "cpu s",
                "peak MB",
                "tree PSS",
                "files/s",
                "klines/s",
                f"wall / {cmds[0][0]}",
                "cpu /",
                "rc",
            ],
            rows,
        )
    )
    print(text)
    if a.out:
        Path(a.out).write_text(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
