"""Tests of forks, pickles and saved results, run by `cargo xtask python`."""

import copy
import multiprocessing
import os
import pickle
import signal
import tempfile

import nodule
import numpy as np

# A child that waits for threads of its parent waits for ever.
signal.alarm(300)

battery = nodule.Battery("smoke", train="shape")
nodules = nodule.generate("shape-only", n=12, seed=5, image_size=24)


def score(images):
    return images.std((1, 2, 3)) - 0.2


def draw(seed):
    return nodule.generate("texture-only", n=6, seed=seed).images.tobytes()


def audit(seed):
    return battery.audit(score, name="contrast", seed=seed)


def assert_equal_tables(one, other):
    for table in ("accuracy", "validation", "reliance", "landscape", "maps", "layers"):
        a, b = getattr(one, table), getattr(other, table)
        assert list(a) == list(b), table
        for column in a:
            np.testing.assert_array_equal(a[column], b[column], err_msg=f"{table} {column}")


def forked_children_generate_and_audit():
    expected = [draw(seed) for seed in range(3)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(draw, range(3)) == expected
        for seed, result in enumerate(pool.map(audit, range(2))):
            assert_equal_tables(result, audit(seed))


def a_grandchild_generates():
    child = os.fork()
    if child == 0:
        images = draw(1)
        grandchild = os.fork()
        if grandchild == 0:
            os._exit(0 if draw(1) == images else 1)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def objects_survive_pickling():
    again = pickle.loads(pickle.dumps(nodules))
    np.testing.assert_array_equal(again.images, nodules.images)
    np.testing.assert_array_equal(again.masks, nodules.masks)
    latents = pickle.loads(pickle.dumps(nodules.latents))
    np.testing.assert_array_equal(nodule.render(latents), nodules.images)
    assert copy.deepcopy(battery).id == battery.id
    result = audit(0)
    assert_equal_tables(copy.copy(result), result)


def a_saved_result_is_judged_and_reported():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        result = audit(3)
        loaded = nodule.Result.load(result.save(path))
        assert_equal_tables(loaded, result)
        pages = [os.path.join(folder, name) for name in ("a.html", "b.html")]
        pages = [open(r.report(p), encoding="utf-8").read() for r, p in zip((result, loaded), pages)]
        assert pages[0] == pages[1]
        text = open(path, encoding="utf-8").read()
        for damaged, words in [
            (text[:1000], "not a result of nodule"),
            (text.replace('"nodule-result-1"', '"nodule-result-9"', 1), "format = "),
        ]:
            with open(path, "w", encoding="utf-8") as file:
                file.write(damaged)
            try:
                nodule.Result.load(path)
            except ValueError as error:
                assert words in str(error) and "result.json" in str(error), error
            else:
                raise AssertionError(f"loads a damaged file: {words}")
        other = nodule.Battery("smoke", train="both", image_size=24).audit(score)
        try:
            nodule.judge(path, [result, other])
        except ValueError as error:
            assert "battery = " in str(error), error
        else:
            raise AssertionError("results of two batteries are judged together")


def masks_and_latents_belong_to_the_images():
    latents = battery.latents("high-texture")
    np.testing.assert_array_equal(nodule.render(latents), battery.images("high-texture")[:, 0])
    masks = battery.masks("high-texture")
    assert masks.shape == battery.images("high-texture")[:, 0].shape and masks.any((1, 2)).all()


for check in (
    forked_children_generate_and_audit,
    a_grandchild_generates,
    objects_survive_pickling,
    a_saved_result_is_judged_and_reported,
    masks_and_latents_belong_to_the_images,
):
    check()
    print(f"{check.__name__}: ok")
