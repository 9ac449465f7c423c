"""Measures all programs in turns, so that other load on the machine affects them alike, and compares their rates.

`cargo xtask bench` builds the programs and calls this script. It prints tables and writes all rates to a file.
"""

import argparse
import contextlib
import dataclasses
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
OURS = "ours"
PEAK = "multiplying and adding in registers, GFLOP/s"
# Numbers of processes and threads: one process of two threads, and two of one.
TWO_THREADS = [(1, 2), (2, 1)]
PRECISIONS = ["float32", "bfloat16"]
# Time of a measurement, after the warm-up.
SECONDS = "--seconds 1"
CPU_ONLY = {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
# Variables that limit vectors to 256 bits: ours, PyTorch's kernels and compiler, oneDNN, MKL, XLA.
AVX2 = {
    "NODULE_VECTORS": "avx2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
}


def residual_multiply_adds():
    """Forward pass, weight gradients and input gradients cost the same each; the stem has no input gradient."""
    stem = 64 * 64 * 9 * 16
    block1 = 64 * 64 * 9 * 16 * (16 + 16)
    block2 = 32 * 32 * 32 * (9 * (16 + 32) + 16)
    block3 = 16 * 16 * 64 * (9 * (32 + 64) + 32)
    return 3 * (stem + block1 + block2 + block3 + 64 * 84 + 84 * 2) - stem


# Multiply-adds per image of one training step, derived in docs/benchmarks.md.
MULTIPLY_ADDS = {"lenet": 4_112_784, "residual": residual_multiply_adds()}


@dataclasses.dataclass
class Row:
    """A configuration of a program, with one rate per round or the reason why it cannot be measured."""

    what: str  # task; rows with the same task are compared
    who: str
    processes: int
    threads: int
    commands: list  # one per process
    settings: str = None  # of a step that the processes serve (`timing.py`); otherwise they print their rate and exit
    how: str = ""
    precision: str = "float32"
    network: str = None
    rates: list = dataclasses.field(default_factory=list)
    missing: str = None

    def name(self):
        return ", ".join(filter(None, [self.who, self.how, self.precision]))

    def layout(self):
        """Returns the number of processes and threads, such as "2 processes of 1 thread each"."""
        processes = "1 process" if self.processes == 1 else f"{self.processes} processes"
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{processes} of {threads}{'' if self.processes == 1 else ' each'}"

    def __str__(self):
        return f"{self.what}: {self.name()}, {self.layout()}"

    def median(self):
        return statistics.median(self.rates)

    def describe(self):
        fields = ["what", "who", "how", "precision", "processes", "threads"]
        return {field: getattr(self, field) for field in fields}


def step(network, batch):
    return {"what": f"training step, {network}, batch {batch}, images/s", "network": network}


def list_rows(options, has_jax):
    """Returns all rows in the order of the tables."""
    rows = []
    for network, batch in [("lenet", 64), ("lenet", 32), ("residual", 64)]:
        task = step(network, batch)
        for processes, threads in TWO_THREADS:
            ours = f"train-step --network {network} --steps 10 {SECONDS} --batch {batch} --threads {threads}"
            rows.append(once(task, OURS, processes, threads, options.programs / "bench", ours))
        if options.libraries:
            rows.extend(pytorch(task, network, batch))
        if has_jax and network == "lenet":
            rows.extend(jax(task, batch))
        if options.burn and network == "lenet":
            burn = [once(task, "Burn", *both, options.burn, f"{batch} 1") for both in TWO_THREADS]
            rows.extend(dataclasses.replace(row, how="Flex") for row in burn)
        # The vectors of the crate gemm, which dominates stock Candle, cannot be limited.
        if (network, batch, options.vectors) == ("lenet", 64, "widest"):
            rows.append(once(task, "stock Candle", 1, 2, options.programs / "stock_candle_step", "64 3"))
    if options.vectors == "widest":
        task = {"what": "generator, images/s"}
        for threads in (2, 1):
            ours = f"generate --n 10000 --threads {threads}"
            rows.append(once(task, OURS, 1, threads, options.programs / "bench", ours))
        if options.libraries:
            script = FOLDER / "numpy_generator.py"
            rows.append(once(task, "NumPy", 1, 1, sys.executable, f"{script} 3000"))
    for processes in (1, 2):
        rows.append(once({"what": PEAK}, OURS, processes, 1, options.programs / "bench", "peak"))
    return rows


def once(task, who, processes, threads, program, arguments):
    """Returns the row of a program that prints its rate and exits."""
    command = (str(program), *arguments.split())
    return Row(**task, who=who, processes=processes, threads=threads, commands=[command] * processes)


def pytorch(task, network, batch):
    for precision in PRECISIONS:
        for run, how in [("eager", "eager"), ("compile", "compiled")]:
            for layout, suffix in [("default", ""), ("channels_last", ", channels last")]:
                for processes, threads in TWO_THREADS:
                    settings = f"--network {network} --batch {batch} --layout {layout} --run {run} --precision {precision}"
                    starts = [f"--threads {threads} {SECONDS}"] * processes
                    commands = [serve("torch_step.py", start) for start in starts]
                    yield Row(**task, who="PyTorch", processes=processes, threads=threads, commands=commands,
                              settings=settings, how=how + suffix, precision=precision)


def jax(task, batch):
    for precision in PRECISIONS:
        for how, networks in [("jit", 1), ("jit, vmap over 8 networks", 8)]:
            for processes, threads in TWO_THREADS:
                # JAX starts one thread per core, so one thread means one core.
                cores = [f"--core {core} " if threads == 1 else "" for core in range(processes)]
                commands = [serve("jax_step.py", core + SECONDS) for core in cores]
                settings = f"--batch {batch} --networks {networks} --precision {precision}"
                yield Row(**task, who="JAX", processes=processes, threads=threads, commands=commands,
                          settings=settings, how=how, precision=precision)


def serve(script, start):
    return (sys.executable, str(FOLDER / script), "--serve", *start.split())


class Unavailable(Exception):
    """A row cannot be measured."""


class Programs:
    """Runs the programs and keeps the serving ones."""

    def __init__(self):
        self.servers = {}

    def rate(self, row):
        """Returns the sum of the rates of the row's processes."""
        if row.settings is None:
            return self.run_once(row)
        key = tuple(row.commands)
        try:
            if key not in self.servers:
                self.servers[key] = [self.start(command, stdin=subprocess.PIPE) for command in row.commands]
            replies = exchange(self.servers[key], row.settings)
            if set(replies) == {"ready"}:
                return sum(parse_number(reply) for reply in exchange(self.servers[key], "go"))
        except (OSError, Unavailable) as error:
            # A server that failed may be in the middle of a reply.
            close(self.servers.pop(key, []))
            raise Unavailable(str(error)) from error
        raise Unavailable(next(r for r in replies if r != "ready").removeprefix("not available: "))

    def run_once(self, row):
        limits = {"RAYON_NUM_THREADS": str(row.threads)}
        if row.who == OURS:
            # As `nodule` sets it for itself.
            limits["CANDLE_NUM_THREADS"] = "1"
        try:
            children = [self.start(command, limits, stderr=subprocess.PIPE) for command in row.commands]
        except OSError as error:
            raise Unavailable(str(error)) from error
        # Wait for all processes, even if the first one fails.
        outputs = [(*child.communicate(), child.returncode) for child in children]
        for _, errors, code in outputs:
            if code != 0:
                lines = [line for line in errors.splitlines() if line.strip()]
                raise Unavailable(lines[0] if lines else "failed without a message")
        key = "gflop_per_s" if row.what == PEAK else "images_per_s"
        return sum(parse_number(output, key) for output, _, _ in outputs)

    def start(self, command, limits=None, **pipes):
        return subprocess.Popen(command, env=os.environ | (limits or {}), stdout=subprocess.PIPE, text=True, **pipes)


def exchange(servers, line):
    """Sends a line to all servers, then reads the reply of each."""
    for server in servers:
        print(line, file=server.stdin, flush=True)
    replies = [server.stdout.readline().strip() for server in servers]
    if not all(replies):
        raise Unavailable("the process ended")
    return replies


def close(servers):
    """Closes the input of servers, which ends them."""
    for server in servers:
        with contextlib.suppress(OSError):
            server.stdin.close()
        server.wait()


def parse_number(text, key=None):
    """Returns the number in the last line: the line itself, or a field of a JSON object.

    >>> parse_number("warning\\n12.5\\n"), parse_number('{"gflop_per_s": 240.1, "x": 1}', "gflop_per_s")
    (12.5, 240.1)
    """
    last = (text.strip().splitlines() or [""])[-1]
    try:
        value = json.loads(last)
        return float(value[key] if isinstance(value, dict) else value)
    except (ValueError, KeyError, TypeError):
        raise Unavailable(f"no number in {last!r}") from None


def measure(rows, rounds, programs):
    """Measures every row in every round. A row that fails is skipped in later rounds."""
    for turn in range(1, rounds + 1):
        for row in (row for row in rows if row.missing is None):
            print(f"round {turn} of {rounds}: {row}: ", end="", file=sys.stderr, flush=True)
            try:
                row.rates.append(programs.rate(row))
                print(f"{row.rates[-1]:.0f}", file=sys.stderr)
            except Unavailable as error:
                row.missing = str(error)
                print(f"not available: {error}", file=sys.stderr)
                if row.who == OURS and row.network == "lenet":
                    fail(f"{row}: {error}")


def unique(values):
    return list(dict.fromkeys(values))


def best(rows, what, **fields):
    """Returns the row of a task with the highest median; None if there is none."""
    rows = [row for row in rows if row.what == what and row.rates and row.missing is None]
    rows = [row for row in rows if all(getattr(row, field) == value for field, value in fields.items())]
    return max(rows, key=Row.median, default=None)


def compare(rows):
    """Returns for each task our best row, the best of each rival and precision, and the range of their ratio.

    >>> def row(who, precision, *rates):
    ...     return Row("task", who, 2, 1, [], precision=precision, rates=list(rates))
    >>> broken = row("PyTorch", "float32", 900)
    >>> broken.missing = "no compiler"
    >>> pytorch = [row("PyTorch", "float32", 20, 20, 20), row("PyTorch", "float32", 40, 60, 50), broken]
    >>> rows = [row(OURS, "float32", 100, 120, 80), *pytorch, row("PyTorch", "bfloat16", 25, 25, 25)]
    >>> [(rival.rates[1], rival.precision, ratio) for _, rival, ratio in compare(rows)]
    [(60, 'float32', (2.0, 1.6, 2.5)), (25, 'bfloat16', (4.0, 3.2, 4.8))]
    """
    found = []
    for what in unique(row.what for row in rows):
        ours = best(rows, what, who=OURS)
        rivals = unique((row.who, row.precision) for row in rows if row.what == what and row.who != OURS)
        for who, precision in rivals:
            rival = best(rows, what, who=who, precision=precision)
            if ours and rival:
                ratios = [a / b for a, b in zip(ours.rates, rival.rates)]
                found.append((ours, rival, (ours.median() / rival.median(), min(ratios), max(ratios))))
    return found


def utilisations(rows):
    """Returns our best row of each training step, the least operations per image, and the share of the machine's peak.

    >>> peak = Row(PEAK, OURS, 2, 1, [], rates=[400])
    >>> [(_, operations, share)] = utilisations([Row("step", OURS, 2, 1, [], network="lenet", rates=[10_000]), peak])
    >>> operations, round(share, 6)
    (8225568, 0.205639)
    """
    found = []
    for what in unique(row.what for row in rows if row.network):
        ours = best(rows, what, who=OURS)
        peak = ours and best(rows, PEAK, processes=ours.processes * ours.threads)
        if peak:
            operations = 2 * MULTIPLY_ADDS[ours.network]
            found.append((ours, operations, ours.median() * operations / (peak.median() * 1e9)))
    return found


def spread(row):
    return (row.median(), min(row.rates), max(row.rates))


def text_of(spread, digits):
    median, least, most = (f"{value:,.{digits}f}" for value in spread)
    return f"{median} ({least}–{most})"


def table(what, rows):
    """Returns one row per program and one column per number of processes and threads, and failures below."""
    rows = [row for row in rows if row.what == what]
    columns = unique(row.layout() for row in rows)
    lines = [f"| {what} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name in unique(row.name() for row in rows):
        cells = {row.layout(): "not available" if row.missing else text_of(spread(row), 0)
                 for row in rows if row.name() == name}
        lines.append(f"| {name} | {' | '.join(cells.get(column, '') for column in columns)} |")
    lines.extend(f"\n{row.name()}, {row.layout()}: not available: {row.missing}" for row in rows if row.missing)
    return "\n".join(lines)


def print_tables(facts, rows, ratios, shares):
    for name, text in facts.items():
        print(f"{name}: {text}")
    print("\nMedians, with minimum and maximum over the rounds.")
    for what in unique(row.what for row in rows):
        print(f"\n{table(what, rows)}")
    print("\n| ours over the best of | ratio of medians | of that rival's best | of ours |\n|---|---|---|---|")
    for ours, rival, ratio in ratios:
        configuration = ", ".join(filter(None, [rival.how, rival.layout()]))
        name = f"{rival.what}, {rival.who}: {rival.precision}"
        print(f"| {name} | {text_of(ratio, 2)} | {configuration} | {ours.layout()} |")
    for ours, operations, share in shares:
        print(f"\n{ours.what}: {share:.0%} of the peak at {operations / 1e6:.1f} MFLOP per image")


def to_json(facts, rows, ratios, shares):
    def named(spread):
        return dict(zip(["median", "least", "most"], spread))

    return {
        "facts": facts,
        "rows": [
            row.describe() | {"rates": row.rates, "spread": None if row.missing else named(spread(row)),
                              "not_available": row.missing}
            for row in rows
        ],
        "ratios": [
            {"ours": ours.describe(), "rival": rival.describe(), "ratio": named(ratio)}
            for ours, rival, ratio in ratios
        ],
        "shares": [
            {"ours": ours.describe(), "operations_per_image": operations, "share_of_peak": share}
            for ours, operations, share in shares
        ],
    }


def inspect_machine(options, programs):
    """Returns facts about the machine and the programs, and whether there is JAX."""
    versions = [subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()]
    versions.append(f"candle {locked_version(FOLDER.parents[1] / 'Cargo.lock', 'candle-core')}")
    left_out, has_jax = [], False
    if options.libraries:
        numpy, torch, jax = map(installed_version, ["numpy", "torch", "jax"])
        if not (numpy and torch):
            fail("--python needs torch and numpy")
        versions.append(f"Python {platform.python_version()}, NumPy {numpy}, torch {torch}")
        has_jax = jax is not None
        if has_jax:
            versions.append(f"jax {jax}")
        else:
            left_out.append("JAX (not installed for that Python)")
    else:
        left_out.append("PyTorch, JAX and NumPy (no --python)")
    if options.burn:
        versions.append(f"burn {locked_version(FOLDER / 'burn_step/Cargo.lock', 'burn')}")
    else:
        left_out.append("Burn (no --burn)")
    if options.vectors == "avx2":
        left_out.append("stock Candle and the generators (their vectors cannot be limited)")
    for left in left_out:
        print(f"left out: {left}", file=sys.stderr)
    peak, _ = programs.start((str(options.programs / "bench"), "peak")).communicate()
    limit = {"widest": "the widest available", "avx2": "limited to AVX2, except the crate gemm (dense layers)"}
    facts = {
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.machine()} {platform.system().lower()}",
        "vectors": f"{parse_number(peak, 'vector_bits'):.0f} bits, {limit[options.vectors]}",
        "versions": "; ".join(versions),
    }
    if left_out:
        facts["left_out"] = "; ".join(left_out)
    return facts, has_jax


def installed_version(package):
    """Returns the version of a Python package; None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def locked_version(lock, package):
    """Returns the version of a package in a lock file."""
    return lock.read_text().split(f'name = "{package}"\nversion = "')[1].split('"')[0]


def processor():
    """Returns the name of the processor if the system reports it."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def fail(message):
    print(f"error: {message}", file=sys.stderr)
    sys.exit(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of our programs and stock Candle's")
    parser.add_argument("--burn", type=pathlib.Path, help="program of Burn")
    parser.add_argument("--libraries", action="store_true", help="measure PyTorch, NumPy, and JAX if installed")
    parser.add_argument("--vectors", choices=["widest", "avx2"], default="widest")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="only rows whose name contains this text")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="file for all rates")
    options = parser.parse_args()
    os.environ.update(CPU_ONLY | (AVX2 if options.vectors == "avx2" else {}))
    programs = Programs()
    facts, has_jax = inspect_machine(options, programs)
    rows = list_rows(options, has_jax)
    if not any(options.only in str(row) for row in rows):
        fail(f"--only = {options.only}: must be part of a row's name, such as PyTorch or residual")
    # Utilisation is relative to the machine's peak for every row.
    rows = [row for row in rows if options.only in str(row) or row.what == PEAK]
    measure(rows, options.rounds, programs)
    results = (facts, rows, compare(rows), utilisations(rows))
    print_tables(*results)
    options.out.write_text(json.dumps(to_json(*results), indent=2) + "\n")
    print(options.out, file=sys.stderr)
    for servers in programs.servers.values():
        close(servers)


if __name__ == "__main__":
    main()
