"""One made-up shop and the champion trained on it, for all tests of insight."""

import pytest

from orchestration.insight.limits import TrainingLimits
from orchestration.insight.training import Champion, train_purchase_model
from tests.support.purchase_history import Shop, make_shop


@pytest.fixture(scope="session")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="session")
def champion(shop: Shop) -> Champion:
    trained = train_purchase_model(
        shop.features, shop.labels, as_of_on=shop.tonight, limits=TrainingLimits(), permutations=60
    )
    assert isinstance(trained, Champion)
    return trained
