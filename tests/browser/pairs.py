"""Results as if they had been measured on every pair of many CPUs, made of one measured case."""

import copy
import json
import random


def pair_of(case, writer, reader):
    """The case on these CPUs of a machine whose packages have four CPUs each."""
    case = copy.deepcopy(case)
    near = writer // 4 == reader // 4
    relation = "same-cpu" if writer == reader else "l3" if near else "cross-package"
    case |= {"name": f"pairs:cpus={writer},{reader}", "section": "pairs", "varied": {"cpus": f"{writer},{reader}"}}
    case["spec"] |= {"writer_cpu": writer, "reader_cpu": reader, "relation": relation, "stream_cpus": [[writer, reader]]}
    for sample in case["samples"]:
        sample["conditions"] |= {"handover_ns_before": 40 if near else 180, "handover_ns_after": 41 if near else 185}
    return case


def with_pairs(results, cpus):
    """`results`, whose first case was measured on every pair of so many CPUs."""
    first = results["cases"][0]
    return results | {"cases": [pair_of(first, writer, reader) for writer in range(cpus) for reader in range(cpus)]}


def varied(value, factor):
    """Every figure in it times the factor, with as many decimals; what is null is left out, as it may be."""
    if isinstance(value, dict):
        return {key: varied(each, factor) for key, each in value.items() if each is not None}
    if isinstance(value, float):
        return round(value * factor, len(repr(value).partition(".")[2]))
    return value


def write_many_pairs(path, results, cpus):
    """As with_pairs(), but no two samples or summaries alike, and written pair by pair, as there may be very many."""
    chance = random.Random(1)
    first = results["cases"][0]
    first["samples"] = [varied(sample, 1) for sample in first["samples"]]
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(results | {"cases": []}).removesuffix("]}"))
        for writer in range(cpus):
            for reader in range(cpus):
                case = pair_of(first, writer, reader)
                case["samples"] = [varied(sample, chance.uniform(0.9, 1.1)) for sample in case["samples"]]
                case["summary"] = varied(case["summary"], chance.uniform(0.9, 1.1))
                file.write((",\n" if writer or reader else "") + json.dumps(case))
        file.write("]}\n")
