"""Training step of the LeNet in JAX, measured by `cargo xtask bench`.

    python jax_step.py --batch 64 --networks 8 --precision bfloat16

prints images per second: forward, cross-entropy, backward and Adam on random images, compiled with `jit`. With `--networks N`, N
networks take a step at once (`vmap`) on their own images, and all images count. `--core C` restricts the process to
one core, since JAX uses one thread per core. `timing.py` describes `--serve`.
"""

import argparse
import os

import timing


def kernels(jax, random, networks):
    """Returns weights and biases of each layer, uniform within one over the root of the number of inputs."""
    shapes = [(6, 1, 5, 5), (16, 6, 5, 5), (2704, 120), (120, 84), (84, 2)]
    layers = []
    for shape in shapes:
        outputs = shape[0] if len(shape) == 4 else shape[1]
        inputs = 25 * shape[1] if len(shape) == 4 else shape[0]
        draw = lambda *dims: random.uniform(-1, 1, (networks, *dims)).astype("float32") / inputs**0.5
        layers.append((draw(*shape), draw(outputs)))
    return jax.device_put(layers)


def loss_of(jax, dtype):
    """Returns the cross-entropy of one network, with products in `dtype`, and parameters and loss in float32."""
    jnp, lax = jax.numpy, jax.lax

    def convolved(x, weight, bias):
        x = lax.conv_general_dilated(x, weight, (1, 1), "VALID", dimension_numbers=("NHWC", "OIHW", "NHWC"))
        return lax.reduce_window(jax.nn.relu(x + bias), -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss(layers, images, labels):
        conv1, conv2, fc1, fc2, fc3 = jax.tree.map(lambda p: p.astype(dtype), layers)
        x = convolved(convolved(images.astype(dtype), *conv1), *conv2)
        x = jax.nn.relu(x.reshape(x.shape[0], -1) @ fc1[0] + fc1[1])
        x = jax.nn.relu(x @ fc2[0] + fc2[1])
        logits = (x @ fc3[0] + fc3[1]).astype(jnp.float32)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).mean()

    return loss


def adam(jax, layers, moments, gradients, count):
    """Kingma & Ba 2015, algorithm 1, with PyTorch's defaults."""
    rate, (b1, b2), eps = 1e-3, (0.9, 0.999), 1e-8
    first = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, moments[0], gradients)
    second = jax.tree.map(lambda m, g: b2 * m + (1 - b2) * g * g, moments[1], gradients)
    size, root = rate / (1 - b1**count), jax.numpy.sqrt(1 - b2**count)
    update = lambda p, m, v: p - size * m / (jax.numpy.sqrt(v) / root + eps)
    return jax.tree.map(update, layers, first, second), (first, second)


def make(options):
    """Returns a step and its number of images."""
    import jax
    import numpy

    loss = loss_of(jax, getattr(jax.numpy, options.precision))

    def one(layers, moments, count, images, labels):
        value, gradients = jax.value_and_grad(loss)(layers, images, labels)
        return *adam(jax, layers, moments, gradients, count), value

    random = numpy.random.default_rng(1)
    layers = kernels(jax, random, options.networks)
    images = random.random((options.networks, options.batch, 64, 64, 1), dtype="float32")
    if options.networks == 1:
        layers, images = jax.tree.map(lambda p: p[0], layers), images[0]
        run = jax.jit(one, donate_argnums=(0, 1))
    else:
        run = jax.jit(jax.vmap(one, in_axes=(0, 0, None, 0, None)), donate_argnums=(0, 1))
    images, labels = jax.device_put(images), jax.numpy.arange(options.batch) % 2
    zeros = lambda: jax.tree.map(jax.numpy.zeros_like, layers)
    state = [layers, (zeros(), zeros()), 0]

    def step():
        state[2] += 1
        *state[:2], value = run(state[0], state[1], float(state[2]), images, labels)
        value.block_until_ready()

    return step, options.batch * options.networks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--networks", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--core", type=int, help="the only core to run on")
    core = parser.parse_known_args()[0].core
    if core is not None:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})
    timing.answer(parser, make)


if __name__ == "__main__":
    main()
