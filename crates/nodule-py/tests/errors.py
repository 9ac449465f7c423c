"""Tests of exceptions and Ctrl-C, run by `cargo xtask python`. Each case is a call and words of its message."""

import os
import signal
import threading
import time

import nodule
import numpy as np

battery = nodule.Battery("smoke", train="both")
latents = nodule.generate("both", n=4).latents


def mean(images):
    return images.mean((1, 2, 3))


class Dropout2d:
    training = True


class Network:
    """Has what PyTorch networks in training mode have."""

    training = True

    def __init__(self, layer=None):
        self.layer = layer or Dropout2d()

    def modules(self):
        return iter([self, self.layer])

    def eval(self):
        self.training = self.layer.training = False

    def __call__(self, images):
        return mean(images)


class Drift:
    """Its scores change a little from call to call."""

    calls = 0

    def __call__(self, images):
        self.calls += 1
        return mean(images) + 2e-4 * self.calls


network = Network()
chance = np.random.default_rng(0)

CASES = [
    (lambda: nodule.generate("bth", n=4), "distribution = bth: must be a file, or one of both"),
    (lambda: nodule.generate("both", n=-4), "n = -4: must be a whole number, 1 or more"),
    (lambda: nodule.generate("both", n=4, seed=-1), "seed = -1: must be a whole number"),
    (lambda: nodule.generate("both", n=4, image_size=3), "image_size = 3: must be 16 to 512 pixels"),
    (lambda: latents.replace(shape=2.0), "shape = 2: must be a level from 0 to 1"),
    (lambda: latents.replace(colour=1.0), "latents = colour: must be one of shape"),
    (lambda: latents.replace(shape=[0.1, 0.2]), "shape = 2 values: must be one, or 4"),
    (lambda: nodule.Battery("nope"), "study = nope: must be a file, or one of"),
    (lambda: nodule.Battery("smoke", train="nope"), "train = nope: must be one of both"),
    (lambda: nodule.Battery("smoke", seeds=0), "seeds = 0: must be a whole number, 1 or more"),
    (lambda: battery.images("nope"), "set = nope: must be one of"),
    (lambda: battery.audit(lambda images: mean(images)[:3]), "3 decision scores: must be 32"),
    (lambda: battery.audit(lambda images: mean(images) > 0.3), "of type bool"),
    (lambda: battery.audit(lambda images: mean(images).astype(np.int64)), "of type int64"),
    (lambda: battery.audit(lambda images: images), "shape (32, 1, 32, 32)"),
    (lambda: battery.audit(lambda images: None), "predict returned None"),
    (lambda: battery.audit(lambda images: {"logits": mean(images)}), "a dict with the keys logits"),
    (lambda: battery.audit(lambda images: images.reshape(len(images), -1)[:, :2]), "second minus the first"),
    (lambda: battery.audit(lambda images: [mean(images)] * 3), "returned 3 arrays"),
    (lambda: battery.audit(lambda images: 5e7 + mean(images).astype(np.float64)), "too little for float32"),
    (lambda: battery.audit(lambda images: 1 + mean(images), outputs="probability"), "a probability from 0 to 1"),
    (lambda: battery.audit(mean, outputs="logit"), "outputs = logit: must be one of score, probability"),
    (lambda: battery.audit(mean, batch_size=-3), "batch_size = -3: must be a whole number"),
    (lambda: battery.audit(mean, seed=2**65), "seed = 36893488147419103232: must be a whole number"),
    (lambda: battery.audit(mean, maps=[0.0]), "maps is of type list"),
    (lambda: battery.audit(lambda images: mean(images) - mean(images).mean()), "in another batch"),
    (lambda: battery.audit(lambda images: chance.standard_normal(len(images))), "in another batch"),
    (lambda: battery.audit(Drift()), "on earlier calls"),
    (lambda: battery.audit(lambda images: np.tanh(150 * (mean(images).astype(float) - 0.3))), "float32 makes"),
    (lambda: battery.audit(Network()), "predict uses a Network in training mode"),
    (lambda: battery.audit(lambda images: network(images)), "predict uses a Network in training mode"),
    (lambda: battery.labels("nope"), "set = nope: must be one of"),
    (lambda: battery.sets(seed=-2), "seed = -2: must be a whole number"),
    (lambda: nodule.Battery(7), "study = 7: must be the name of a built-in study"),
    (lambda: nodule.generate("both", n=1.5), "n = 1.5: must be a whole number"),
    (lambda: nodule.generate("both", n=4, seed=2**70), "seed = 1180591620717411303424: must be"),
    (lambda: latents[np.ones(9, bool)], "length of the mask = 9: must be 4"),
    (lambda: setattr(latents, "size", 0), "latents.size: is read-only"),
    (lambda: latents.replace(texture="high"), "texture = high: must be numbers"),
    (lambda: latents.replace(noise_seed=-5), "noise_seed = -5: must be whole numbers"),
    (lambda: latents.replace(outline=-2), "outline = -2: must be -1 (synthetic)"),
    (lambda: nodule.judge({"id": 1}, battery.audit(mean)), "claims = {'id': 1}: must be the path"),
    (lambda: nodule.judge("c.toml", [3]), "results holds an object of type int"),
    (lambda: battery.audit(lambda images: mean(images) * np.nan), "[0] = NaN: must be a finite number"),
    (lambda: battery.audit(lambda images: (mean(images), images)), "embeddings of shape (32, 1, 32, 32)"),
    (lambda: battery.audit(mean, name=""), "name = : must be 1 to 64"),
    (lambda: battery.audit(mean, maps={"mine": np.zeros((4, 32, 32))}), "map = mine: must be one of gradient"),
    (lambda: battery.audit(mean, maps={"gradient": np.zeros((3, 3, 3))}), "expected [4, 32, 32]"),
    (lambda: nodule.judge("nope.toml", battery.audit(mean)), "nope.toml: "),
    (lambda: nodule.judge("nope.toml", []), "results: list is empty"),
]


def invalid_input_raises_value_errors():
    for i, (call, words) in enumerate(CASES):
        try:
            call()
        except ValueError as error:
            text = str(error)
            assert words in text and "\n" not in text, f"case {i}: {text!r} has no {words!r}"
        else:
            raise AssertionError(f"case {i} raises nothing: {words}")


def exceptions_of_predict_are_passed_on():
    class Mine(Exception):
        pass

    def fails(images):
        raise Mine

    try:
        battery.audit(fails)
    except Mine:
        pass
    else:
        raise AssertionError("the exception of predict is lost")


def reliable_models_are_accepted():
    itself = Network()

    def predict(images):
        itself.eval()
        return itself(images)

    class Linear:
        training = True

    # Larger than float32 sums in another order.
    noise = lambda images: 1e-6 * chance.standard_normal(len(images)).astype(np.float32)

    def one_by_one(images):
        assert len(images) == 1
        return mean(images)

    battery.audit(predict)
    battery.audit(Network(Linear()))
    battery.audit(lambda images: 0.5 + noise(images))
    battery.audit(lambda images: 2 + mean(images) + noise(images))
    battery.audit(one_by_one, batch_size=1)
    # Half precision: a unit in the last place that depends on the batch.
    end = lambda images: np.float16(99 if len(images) > 20 else -99)
    half = lambda images: np.nextafter((20 * mean(images) + 20).astype(np.float16), end(images))
    battery.audit(half)


def no_call_exceeds_the_batch_size():
    sizes = set()

    def predict(images):
        sizes.add(len(images))
        return mean(images)

    battery.audit(predict, batch_size=5)
    assert max(sizes) == 5, sizes


def saturated_probabilities_give_a_note():
    predict = lambda images: (1 / (1 + np.exp(-900 * (mean(images) - 0.3)))).astype(np.float32)
    notes = battery.audit(predict, outputs="probability").notes
    assert any("their logits are limited" in note for note in notes), notes


def scores_on_one_side_of_the_threshold_give_a_note():
    outside = battery.images("high-brightness").mean((1, 2, 3)).max()
    # Positive on the validation images, not on all others.
    result = battery.audit(lambda images: (outside - mean(images)) - 1e-3)
    normal = result.validation["specificity"][0]
    words = "all validation images count as abnormal"
    assert any(words in note for note in result.notes) == (normal == 0.0), (normal, result.notes)
    assert normal == 0.0, "the test has no such model"


def suspicious_scores_give_notes():
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    for predict, words in [
        (lambda images: sigmoid(30 * (mean(images) - 0.3)), "like probabilities"),
        (lambda images: np.log(sigmoid(30 * (mean(images) - 0.3))), "logarithms of probabilities"),
        (lambda images: np.sign(images.std((1, 2, 3)) - 0.15), "two values"),
        (lambda images: 100 * sigmoid(30 * (mean(images) - 0.3)), "percentages"),
        (lambda images: (None, images.reshape(len(images), -1)[:, ::9]), "embeddings alone"),
        (lambda images: images.reshape(len(images), -1)[:, ::7], "the 64 images of training-both-0"),
    ]:
        notes = battery.audit(predict).notes
        assert any(words in note for note in notes), f"{words}: {notes}"


def probabilities_are_measured_as_their_logits():
    logit = lambda images: 30 * (mean(images).astype(np.float64) - 0.3)
    scores = battery.audit(logit).reliance
    probabilities = battery.audit(lambda images: 1 / (1 + np.exp(-logit(images))), outputs="probability").reliance
    np.testing.assert_allclose(probabilities["effect"], scores["effect"], atol=1e-6)
    np.testing.assert_array_equal(probabilities["flipped"], scores["flipped"])


def a_constant_model_gives_a_note():
    result = battery.audit(lambda images: np.full(len(images), 0.5, np.float32), name="constant")
    assert len(result.notes) == 1 and "constant (seed 0)" in result.notes[0], result.notes
    assert not result.reliance["effect"].any()


def ctrl_c_takes_effect_within_a_second():
    # Shells start background processes with the signal ignored, and Python keeps it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupted_at = []

    def interrupt():
        time.sleep(0.3)
        interrupted_at.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    for work in (lambda: nodule.generate("both", n=40_000), lambda: nodule.Battery("paper").audit(mean)):
        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            work()
        except KeyboardInterrupt:
            delay = time.monotonic() - interrupted_at[-1]
            assert delay < 1.0, f"{delay} s"
        else:
            raise AssertionError("the work ended before the interrupt")
        thread.join()


for check in (
    invalid_input_raises_value_errors,
    exceptions_of_predict_are_passed_on,
    reliable_models_are_accepted,
    suspicious_scores_give_notes,
    no_call_exceeds_the_batch_size,
    saturated_probabilities_give_a_note,
    scores_on_one_side_of_the_threshold_give_a_note,
    probabilities_are_measured_as_their_logits,
    a_constant_model_gives_a_note,
    ctrl_c_takes_effect_within_a_second,
):
    check()
    print(f"{check.__name__}: ok")
