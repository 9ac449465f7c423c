"""Command line of `torch_step.py` and `jax_step.py`: one measurement, or a server with `--serve`.

A server imports and compiles once and can be measured in turns with other programs. It replies to a line of options
with `ready` when that step is compiled and warm, or with `not available: REASON`, and then to each line `go` with
images per second over `--seconds`. Steps of earlier lines of options are kept.
"""

import sys
import time

WARM_UP = 3


def answer(parser, make):
    """Runs the command line; `make` returns a step and its number of images for parsed options."""
    parser.add_argument("--seconds", type=float, default=1.0, help="least time of a measurement")
    parser.add_argument("--serve", action="store_true", help="serve measurements on standard input")
    options = parser.parse_args()
    if not options.serve:
        step, images = warm(make, options)
        print(f"{rate(step, images, options.seconds):.1f}")
        return
    steps = {}
    for line in sys.stdin:
        line = line.strip()
        if line == "go":
            print(f"{rate(*current):.1f}", flush=True)
            continue
        options = parser.parse_args(sys.argv[1:] + line.split())
        try:
            if line not in steps:
                steps[line] = warm(make, options)
            current = (*steps[line], options.seconds)
            current[0]()
            print("ready", flush=True)
        except Exception as error:  # compilers raise many types
            print(f"not available: {reason(error)}", flush=True)


def warm(make, options):
    """Returns the step and its number of images after a warm-up that compiles it."""
    step, images = make(options)
    for _ in range(WARM_UP):
        step()
    return step, images


def rate(step, images, seconds):
    """Returns images per second over at least `seconds`."""
    steps, start = 0, time.perf_counter()
    while True:
        step()
        steps += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return images * steps / passed


def reason(error):
    """Returns the type and first line of an error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"[:200]
