"""How much the demonstration's cities use, spend and do: rates from poor to excellent, seasons, prices."""

from dataclasses import dataclass

from data.demo_places import Theme


@dataclass(frozen=True)
class Line:
    """A variable as driver × rate, the rate running from `worst` to `best` with the city's quality in a theme."""

    variable: str
    driver: str
    theme: Theme
    worst: float
    best: float
    decimals: int = 0


# Rates a year and unit of the driver: 万元 a head, shares, pieces a head. A driver is a city total or a variable above.
YEARLY = (
    Line("operating_cost", "staff", "cost", 30.5, 21.5, 2),
    Line("public_funds", "staff", "cost", 4.9, 3.5, 2),
    Line("vehicle_running_cost", "vehicles", "cost", 4.4, 2.1, 2),
    Line("vehicle_purchase_cost", "staff", "cost", 0.085, 0.03, 2),
    Line("travel_abroad_cost", "staff", "cost", 0.016, 0.008, 2),
    Line("reception_cost", "staff", "cost", 0.098, 0.062, 2),
    Line("conference_cost", "staff", "cost", 0.075, 0.05, 2),
    Line("training_cost", "staff", "cost", 0.13, 0.09, 2),
    Line("budget", "operating_cost", "cost", 1.06, 1.06, 2),
    Line("budget_spent", "budget", "cost", 0.86, 0.99, 2),
    Line("logistics_cost", "staff", "cost", 1.9, 1.5, 2),
    Line("outsourced_cost", "logistics_cost", "cost", 0.36, 0.92, 2),
    Line("property_cost", "floor", "cost", 0.0115, 0.0078, 2),
    Line("repair_cost", "floor", "cost", 0.0046, 0.0026, 2),
    Line("vehicles_added", "vehicles", "green", 0.12, 0.18),
    Line("new_energy_vehicles_added", "vehicles_added", "green", 0.05, 0.42),
    Line("asset_value", "staff", "asset", 14.0, 14.0, 2),
    Line("idle_asset_value", "asset_value", "asset", 0.046, 0.003, 2),
    Line("assets_pooled", "staff", "asset", 0.06, 0.09),
    Line("assets_reused", "assets_pooled", "asset", 0.24, 0.86),
    Line("asset_purchases", "staff", "asset", 0.42, 0.16, 2),
    Line("purchases_avoided", "staff", "asset", 0.03, 0.24, 2),
    Line("standards_required", "institutions", "service", 7.0, 7.0),
    Line("standards_issued", "standards_required", "service", 0.42, 1.0),
    Line("standards_recognised", "standards_issued", "synergy", 0.04, 0.64),
    Line("joint_sessions", "one", "synergy", 1.0, 6.0),
    Line("exchange_sessions", "one", "synergy", 1.0, 8.0),
    Line("joint_items_planned", "one", "synergy", 16.0, 26.0),
    Line("joint_items_done", "joint_items_planned", "synergy", 0.58, 1.0),
    Line("assets_reused_across", "assets_reused", "synergy", 0.02, 0.28),
    Line("data_items_required", "one", "synergy", 60.0, 60.0),
    Line("data_items_shared", "data_items_required", "synergy", 0.45, 1.0),
    Line("cross_requests", "staff", "synergy", 0.02, 0.07),
    Line("cross_requests_met", "cross_requests", "synergy", 0.64, 1.0),
)
QUARTERLY = (
    Line("diesel", "vehicles", "energy", 48.0, 22.0),
    Line("repair_orders", "staff", "service", 1.5, 1.1),
    Line("repairs_on_time", "repair_orders", "service", 0.82, 1.0),
    Line("repair_hours", "repair_orders", "service", 36.0, 2.0),
    Line("complaints", "users", "service", 0.0148, 0.0042),
    Line("complaints_closed", "complaints", "service", 0.86, 1.0),
)
HALF_YEARLY = (
    Line("survey_respondents", "users", "service", 0.12, 0.3),
    Line("survey_satisfied", "survey_respondents", "service", 0.78, 0.985),
    Line("service_perceived", "parts", "service", 3.25, 4.7, 2),
    Line("service_expected", "parts", "service", 4.4, 4.45, 2),
)
OF_SITES = (
    Line("idle_office_area", "office_area", "asset", 0.078, 0.003),
    Line("official_vehicles", "staff_on_post", "cost", 0.058, 0.042),
    Line("new_energy_vehicles", "official_vehicles", "green", 0.06, 0.5),
)

# Yearly use at quality 0 and 1, by climate: kWh/m², m³ of gas/m²; heat in GJ per heated m².
ELECTRICITY = {"寒冷地区": (62.0, 34.0), "夏热冬冷地区": (74.0, 38.0), "夏热冬暖地区": (80.0, 42.0)}
GAS = {"寒冷地区": (0.7, 0.4), "夏热冬冷地区": (1.9, 1.0), "夏热冬暖地区": (1.3, 0.7)}
HEAT = (0.36, 0.23)
WATER = (28.5, 17.0)  # m³ per user
PETROL = (1150.0, 620.0)  # kg per vehicle that burns it
PHOTOVOLTAIC = (0.0, 9.0)  # kWh per m² of the building

# Twelfths of a year, so that only whole numbers make the seasons.
SEASON = {
    "寒冷地区": (106, 100, 94, 88, 90, 104, 118, 114, 94, 88, 98, 106),
    "夏热冬冷地区": (112, 104, 90, 80, 86, 108, 132, 130, 104, 80, 82, 92),
    "夏热冬暖地区": (84, 80, 86, 92, 106, 118, 130, 128, 116, 100, 84, 76),
}
WATER_SEASON = (88, 84, 92, 98, 104, 112, 120, 118, 106, 98, 92, 88)
SUN = (70, 78, 96, 108, 120, 118, 122, 120, 104, 96, 88, 80)
HEATING = {1: 28, 2: 23, 3: 15, 11: 13, 12: 21}  # per cent of the season
EVEN = (100,) * 12

# Yuan per kWh, m³, m³, GJ.
PRICES = {"electricity": 0.69, "water": 4.9, "gas": 4.1, "heat": 78.0}

CUT_TARGETS = {"910000": 5.5, "920000": 5.0, "930000": 5.0}  # per cent, 2025 on 2020
MODEL_UNITS = {("920100", 2022): 1, ("920100", 2024): 2, ("910400", 2023): 1, ("920500", 2021): 1}
