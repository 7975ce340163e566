"""A trained model in the shape that pipelines.forest reads: shared thresholds, leaves as whole numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

_SCALE: Final = 10_000.0  # leaves are whole ten-thousandths


def packed(model: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The content of a model file, from what LightGBM's `dump_model` gives and the features' names in their order."""
    roots = [tree["tree_structure"] for tree in model["tree_info"]]
    seen: list[set[float]] = [set() for _ in names]
    for root in roots:
        for node in _nodes(root):
            seen[node["split_feature"]].add(_rounded(node["threshold"]))
    thresholds = [sorted(values) for values in seen]
    questions = {
        (feature, value): number
        for number, (feature, value) in enumerate((f, v) for f, values in enumerate(thresholds) for v in values)
    }
    trees, bias = [], 0
    for root in roots:
        inner = list(_nodes(root))
        if not inner:
            bias += round(root["leaf_value"] * _SCALE)
            continue
        leaves: list[int] = []
        places = {id(node): place for place, node in enumerate(inner)}

        def place_of(node: dict[str, Any], places: dict[int, int] = places, leaves: list[int] = leaves) -> int:
            if id(node) in places:
                return places[id(node)]
            leaves.append(round(node["leaf_value"] * _SCALE))
            return len(places) + len(leaves) - 1

        nodes = []
        for node in inner:
            question = questions[node["split_feature"], _rounded(node["threshold"])]
            nodes.append([question, place_of(node["left_child"]), place_of(node["right_child"])])
        least = min(leaves)
        bias += least
        trees.append({"nodes": nodes, "leaves": [value - least for value in leaves]})
    return {"features": list(names), "scale": _SCALE, "bias": bias, "thresholds": thresholds, "trees": trees}


def _nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Inner nodes, parents before their children."""
    waiting = [root]
    for node in waiting:
        if "split_feature" in node:
            yield node
            waiting += [node["left_child"], node["right_child"]]


def _rounded(threshold: float) -> float:
    return float(f"{threshold:.6g}")
