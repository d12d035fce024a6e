"""How strong each cause is in the numbers; a test turns one off and sees its effect gone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Causes:
    """Strengths of the true causes.

    Attributes:
        gateway_lift: A first basket with a gateway product multiplies the later purchase rate by 1 + this.
        moved_house_lift: For 120 days after a move, purchases come this much more often on top, all for renovation.
        uplift: Scales the true uplift of every campaign.
        pulled_forward: Chance that an order caused by a discount replaces a later one, for the fully price-sensitive.
        unsubscribe_base: Chance that an unfatigued person unsubscribes at a message.
        unsubscribe_per_excess: What each message of the last 7 days over the person's threshold adds to it.
        service_failure_share: Share of orders that end in a failure of service.
        leave_after_service_failure: Chance that such a failure ends the person's purchases.
        leave_after_stock_out: Chance that a wanted product out of stock does.
        leave_after_price_rise: Chance that a price rise on a bought product does, for the fully price-sensitive.
        leave_after_broken_promise: Chance that a denied coupon does.
        leave_after_fatigue: Chance that an unsubscription under pressure does.
        leave_after_moving_away: Chance that a move abroad does.
    """

    gateway_lift: float = 0.7
    moved_house_lift: float = 3.0
    uplift: float = 1.0
    pulled_forward: float = 0.9
    unsubscribe_base: float = 0.0015
    unsubscribe_per_excess: float = 0.05
    service_failure_share: float = 0.035
    leave_after_service_failure: float = 0.25
    leave_after_stock_out: float = 0.12
    leave_after_price_rise: float = 0.2
    leave_after_broken_promise: float = 0.35
    leave_after_fatigue: float = 0.4
    leave_after_moving_away: float = 0.9
