"""Model files: the same pipeline gives the same bytes, and only the very bytes and trusted types come back."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from orchestration.insight.errors import ModelFileDamaged, ModelFileForeign
from orchestration.insight.inputs import model_inputs
from orchestration.insight.pipeline import purchase_probabilities
from orchestration.insight.storage import TRUSTED_TYPES, load_model, store_model
from orchestration.insight.training import Champion
from tests.support.purchase_history import Shop


def written(folder: Path, content: object) -> tuple[Path, str]:
    """Return the file of an object as skops dumps it, and its true sha256, so that only the content is foreign."""
    payload = skops.io.dumps(content)
    path = folder / "foreign.skops"
    path.write_bytes(payload)
    return path, hashlib.sha256(payload).hexdigest()


def test_a_stored_model_gives_the_predictions_of_training_time(champion: Champion, shop: Shop, tmp_path: Path) -> None:
    stored = store_model(champion.pipeline, tmp_path)
    replayed = load_model(tmp_path / stored.path, stored.sha256)
    inputs = model_inputs(shop.features_tonight())
    expected = purchase_probabilities(champion.pipeline, inputs)
    assert np.array_equal(purchase_probabilities(replayed, inputs), expected)


def test_the_same_pipeline_has_the_same_bytes_whenever_it_is_stored(champion: Champion, tmp_path: Path) -> None:
    stored = store_model(champion.pipeline, tmp_path / "first")
    again = store_model(load_model(tmp_path / "first" / stored.path, stored.sha256), tmp_path / "second")
    assert stored == again
    assert stored.path == f"models/{stored.sha256}.skops"


@pytest.mark.parametrize("position", [0, 100, -40])
def test_a_flipped_bit_is_refused(champion: Champion, tmp_path: Path, position: int) -> None:
    stored = store_model(champion.pipeline, tmp_path)
    path = tmp_path / stored.path
    payload = bytearray(path.read_bytes())
    payload[position] ^= 1
    path.write_bytes(bytes(payload))
    with pytest.raises(ModelFileDamaged, match=stored.sha256):
        load_model(path, stored.sha256)


def test_a_truncated_or_missing_file_is_refused(champion: Champion, tmp_path: Path) -> None:
    stored = store_model(champion.pipeline, tmp_path)
    path = tmp_path / stored.path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileDamaged, match="sha256"):
        load_model(path, stored.sha256)
    path.unlink()
    with pytest.raises(ModelFileDamaged, match="is missing"):
        load_model(path, stored.sha256)


def test_a_type_outside_the_list_is_refused_even_if_skops_trusts_it(tmp_path: Path) -> None:
    path, sha256 = written(tmp_path, Pipeline([("scale", MinMaxScaler())]))
    with pytest.raises(ModelFileForeign, match="MinMaxScaler"):
        load_model(path, sha256)


def test_a_function_hidden_in_a_pipeline_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    path, sha256 = written(tmp_path, Pipeline([("run", FunctionTransformer(func=np.log1p))]))
    with pytest.raises(ModelFileForeign, match="_function_transformer"):
        load_model(path, sha256)


def test_bytes_that_are_no_archive_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.skops"
    path.write_bytes(b"no archive")
    with pytest.raises(ModelFileForeign, match="BadZipFile"):
        load_model(path, hashlib.sha256(b"no archive").hexdigest())


def test_a_lone_scaler_is_no_model(tmp_path: Path) -> None:
    path, sha256 = written(tmp_path, StandardScaler())
    with pytest.raises(ModelFileForeign, match="it holds a StandardScaler"):
        load_model(path, sha256)


def test_a_pipeline_of_other_inputs_is_refused(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(6, 2)
    pipeline = Pipeline([("scale", StandardScaler()), ("weigh", LogisticRegression())])
    path, sha256 = written(tmp_path, pipeline.fit(values, [0, 1, 0, 1, 0, 1]))
    with pytest.raises(ModelFileForeign, match="inputs are not named"):
        load_model(path, sha256)


def test_the_trusted_types_are_data_and_the_products_own_pipeline_only() -> None:
    assert {name.split(".")[0] for name in TRUSTED_TYPES} == {"builtins", "numpy", "sklearn"}
    assert len([name for name in TRUSTED_TYPES if name.startswith("sklearn.")]) == 3
