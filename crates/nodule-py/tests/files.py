"""Tests of backgrounds, pickles and written files, run by `cargo xtask python`."""

import os
import pickle
import tempfile

import nodule
import numpy as np

os.chdir(tempfile.mkdtemp())
SIZE = 16
random = np.random.default_rng(0)
lung = random.random((40, SIZE, SIZE)).astype(np.float32) / 4
np.savez("backgrounds.npz", backgrounds=lung, group=np.arange(40) // 2)
STUDY = f"""
name = "lung"
seeds = 1
train = ["both"]
test = ["both"]
losses = ["ce"]
[generator]
image_size = {SIZE}
[backgrounds]
file = "backgrounds.npz"
[samples]
train = 20
validation = 20
test = 20
probe = 12
landscape = 1
maps = 4
representation = 16
"""


def assert_fails(call, words, kind=ValueError):
    try:
        call()
    except kind as error:
        assert words in str(error) and "\n" not in str(error), f"{error!r} has no {words!r}"
    else:
        raise AssertionError(f"raises nothing: {words}")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def latents_are_rendered_over_the_backgrounds_of_the_battery():
    write("lung.toml", STUDY)
    battery = nodule.Battery("lung.toml")
    sets = set(battery.sets())
    assert {"training-both-0", "validation-both-0", "test-both", "high-noise"} <= sets
    for name in sets:
        images, latents = battery.images(name)[:, 0], battery.latents(name)
        np.testing.assert_array_equal(nodule.render(latents), images, err_msg=name)
        np.testing.assert_array_equal(nodule.render(pickle.loads(pickle.dumps(latents))), images, err_msg=name)
        spiky = nodule.render(latents[:3].replace(shape=0.9))
        # A nodule leaves the corner as the background has it.
        np.testing.assert_array_equal(spiky[:, 0, 0], images[:3, 0, 0])
    assert_fails(lambda: nodule.render(battery.latents("maps"), image_size=32), "image_size = 32: must be 16, the size of")
    saved = pickle.dumps(battery.latents("test-both"))
    # Another fold means other backgrounds for the same latents.
    write("lung.toml", STUDY + "[held_out]\nfolds = 3\nfold = 1\n")
    assert_fails(lambda: pickle.loads(saved), "have changed since the latents were pickled")


def backgrounds_are_taken_as_by_the_command_line():
    all_of_them = {row.tobytes() for row in lung[:, 0]}
    top = lambda images: {row.tobytes() for row in images[:, 0]}
    draw = lambda part: nodule.generate("both", 300, seed=3, image_size=SIZE, backgrounds="backgrounds.npz", part=part)
    parts = {part: top(draw(part).images) & all_of_them for part in ("all", "training", "test")}
    # All groups are in one of the splits and none in both.
    assert not parts["training"] & parts["test"] and parts["training"] | parts["test"] == parts["all"] == all_of_them
    nodules = draw("test")
    plain = nodule.generate("both", 300, seed=3, image_size=SIZE)
    assert not np.array_equal(nodules.images, plain.images)
    np.testing.assert_array_equal(nodule.render(nodules.latents), nodules.images)
    again = nodule.render(plain.latents, backgrounds="backgrounds.npz", part="test")
    np.testing.assert_array_equal(again, nodules.images)
    read = pickle.loads(pickle.dumps(nodules))
    np.testing.assert_array_equal(nodule.render(read.latents), nodules.images)
    saved = pickle.dumps(nodules.latents)
    np.savez("backgrounds.npz", backgrounds=lung[::-1], group=np.arange(40) // 2)
    assert_fails(lambda: pickle.loads(saved), "have changed since the latents were pickled")
    assert_fails(lambda: nodule.generate("both", 4, part="test"), "part: has no effect without backgrounds")
    assert_fails(lambda: nodule.generate("both", 4, backgrounds="backgrounds.npz"), "16 by 16 pixels")


def pickles_of_another_generator_are_rejected():
    nodules = nodule.generate("both", n=4, image_size=SIZE)
    own, other = (f'"generator_version":{nodule.GENERATOR_VERSION + i},'.encode() for i in (0, 1))
    for value in (nodules, nodules.latents):
        saved = pickle.dumps(value, protocol=0)
        assert own in saved
        assert_fails(lambda: pickle.loads(saved.replace(own, other)), "generator_version = ")


def results_of_another_version_are_rejected():
    result = nodule.Battery("smoke", train="both").audit(lambda images: images.mean((1, 2, 3)))
    text = open(result.save("result.json"), encoding="utf-8").read()
    version = text.split('"evaluation_version":')[1].split(",")[0]
    for other, words in [
        (text.replace(f'"evaluation_version":{version}', '"evaluation_version":99'), "evaluation_version = 99: must be"),
        ("[1]", 'not a result of nodule: must be a JSON object with "format": "nodule-result-1"'),
        ('{"a": 1}', "not a result of nodule: must be a JSON object"),
        ("null", "not a result of nodule: must be a JSON object"),
    ]:
        write("other.json", other)
        assert_fails(lambda: nodule.Result.load("other.json"), words)
    # What cannot be written leaves nothing behind, and what is there stays.
    os.makedirs("folder.html")
    files = sorted(os.listdir())
    assert_fails(lambda: result.save("folder.html"), "path = folder.html: is a folder")
    assert_fails(lambda: result.report("folder.html"), "path = folder.html: is a folder")
    assert_fails(lambda: result.save("absent/result.json"), "'absent/result.json'", FileNotFoundError)
    assert sorted(os.listdir()) == files
    write("page.html", "old")
    page, result._measured = result._measured.page(), None
    assert_fails(lambda: result.report("page.html"), "", AttributeError)
    assert open("page.html").read() == "old" and page.startswith("<!DOCTYPE html>")


def intervals_contain_their_numbers():
    result = nodule.Battery("smoke", train="both").audit(lambda images: images.mean((1, 2, 3)) - 0.3)
    for table, columns in [
        (result.reliance, ("effect", "flipped", "became_abnormal", "became_normal")),
        (result.landscape, ("score", "abnormal")),
    ]:
        for column in columns:
            value, low, high = (table[column + end] for end in ("", "_low", "_high"))
            assert (low <= value).all() and (value <= high).all() and (low < high).any(), column
    loaded = nodule.Result.load(result.save("intervals.json"))
    np.testing.assert_array_equal(loaded.landscape["abnormal_high"], result.landscape["abnormal_high"])


for check in (
    latents_are_rendered_over_the_backgrounds_of_the_battery,
    backgrounds_are_taken_as_by_the_command_line,
    pickles_of_another_generator_are_rejected,
    results_of_another_version_are_rejected,
    intervals_contain_their_numbers,
):
    check()
    print(f"{check.__name__}: ok")
