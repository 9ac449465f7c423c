"""How `torch_step.py` and `jax_step.py` are asked: once by hand, or many times with `--serve`, so that importing and
compiling are paid once and rows can be measured in turns.

With `--serve` a line of options is answered by `ready` once such a step is made, compiled and warm, or by
`not available: REASON`; then each line `go` by images a second over a span of `--seconds`. A line of options
that came before finds its step as it was.
"""

import sys
import time

WARM_UP = 3


def answer(parser, make):
    """Carries out the command line; `make` gives for parsed options a step to call and its number of images."""
    parser.add_argument("--seconds", type=float, default=1.0, help="how long to go on, at least")
    parser.add_argument("--serve", action="store_true", help="read options and `go` line by line")
    options = parser.parse_args()
    if not options.serve:
        step, images = warm(make, options)
        print(f"{rate(step, images, options.seconds):.1f}")
        return
    made = {}
    for line in sys.stdin:
        line = line.strip()
        if line == "go":
            print(f"{rate(*current):.1f}", flush=True)
            continue
        options = parser.parse_args(sys.argv[1:] + line.split())
        try:
            if line not in made:
                made[line] = warm(make, options)
            current = (*made[line], options.seconds)
            current[0]()
            print("ready", flush=True)
        except Exception as error:  # whatever a compiler says is the reason
            print(f"not available: {reason(error)}", flush=True)


def warm(make, options):
    """The step and its number of images, after a few steps: what is made or compiled at the first is there."""
    step, images = make(options)
    for _ in range(WARM_UP):
        step()
    return step, images


def rate(step, images, seconds):
    """Images a second over as many steps as fill `seconds`."""
    steps, start = 0, time.perf_counter()
    while True:
        step()
        steps += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return images * steps / passed


def reason(error):
    """The first line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"[:200]
