#!/usr/bin/env python3
"""pipebench on a machine with sockets, NUMA nodes and SMT: Debian's cloud kernel in QEMU, emulated, so speeds mean nothing.

Usage: topology_test.py PIPEBENCH

Ends with 77, which Meson takes for skipped, where something that it needs is not installed.
"""

import glob
import os
import sys
import unittest

import machine

PATIENCE = 150  # seconds for all; it takes a quarter of a minute on two CPUs
OPTIONS = [
    "-cpu", "max,vendor=GenuineIntel", "-smp", "8,sockets=2,cores=2,threads=2", "-m", "1G",
    "-object", "memory-backend-ram,id=m0,size=512M", "-object", "memory-backend-ram,id=m1,size=512M",
    "-numa", "node,nodeid=0,cpus=0-3,memdev=m0", "-numa", "node,nodeid=1,cpus=4-7,memdev=m1",
]
KERNELS = "/boot/vmlinuz-*-cloud-amd64"
# An emulated CPU may get no time for long.
SAMPLE = "--time 20ms --warmup 5ms --rounds 2 --timeout 60s --format json"
COPY = f"pipebench --writer write --reader read {SAMPLE}"
COMMANDS = {
    "topology": "pipebench topology --format json",
    "classes": f"pipebench --cpus classes {SAMPLE}",
    "table": "pipebench --cpus classes --time 5ms --warmup 0 --rounds 1 --timeout 60s -q",
    "node 0": f"{COPY} --strict --cpus 0,4 --membind node:0",
    "node 1": f"{COPY} --strict --cpus 0,4 --membind node:1",
    "writer": f"{COPY} --strict --cpus 0,4 --membind writer",
    "reader": f"{COPY} --strict --cpus 0,4 --membind reader",
    "interleave": f"{COPY} --strict --cpus 0,4 --membind interleave",
    "local": f"{COPY} --cpus 0,4",
    "no such node": "pipebench --membind node:9",
    "two streams": f"pipebench --cpus classes --streams 2 {SAMPLE}",
    "all streams": f"pipebench --cpus 0,1 --streams 4 {SAMPLE}",
    "too many streams": "pipebench --cpus 0,1 --streams 5",
    "taskset": "taskset 0x6 pipebench topology --format json",
    "outside the mask": "taskset 0x6 pipebench --cpus 0,1",
    "one CPU": f"taskset 0x4 pipebench --cpus classes {SAMPLE}",
    "half": "cd /sys/fs/cgroup && mount -t cgroup2 cgroup . && cd . && echo +cpuset >cgroup.subtree_control && mkdir half && echo 0-3 >half/cpuset.cpus",
    "cpuset": "echo $$ >/sys/fs/cgroup/half/cgroup.procs; exec pipebench topology --format json",
    "outside the cpuset": "echo $$ >/sys/fs/cgroup/half/cgroup.procs; exec pipebench --cpus 0,4",
    "offline": "echo 0 >/sys/devices/system/cpu/cpu7/online; pipebench topology --format json",
    "on the offline CPU": "pipebench --cpus 0,7",
    "list": "pipebench list --format json",
    "list without /dev/null": "mv /dev/null /dev/nil; pipebench list --format json; mv /dev/nil /dev/null",
}


def missing():
    """What this test needs and does not find, as a sentence; empty when all is there."""
    if not any(os.access(kernel, os.R_OK) for kernel in glob.glob(KERNELS)):
        return f"There is no Debian cloud kernel that can be read, {KERNELS} (package linux-image-cloud-amd64)."
    return machine.X86.missing()


class OnTwoPackages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        results = machine.run(machine.X86, OPTIONS, max(glob.glob(KERNELS)), BINARY, COMMANDS.values(), PATIENCE)
        cls.results = dict(zip(COMMANDS, results))
        cls.cpus = {cpu["cpu"]: cpu for cpu in cls.results["topology"].json["cpus"]}

    def relation(self, a, b):
        """As README.md describes them, from what `topology` says of the two."""
        a, b = self.cpus[a], self.cpus[b]
        if a == b:
            return "same-cpu"
        if a["package"] != b["package"]:
            return "cross-package"
        for relation, key in (("smt", "core"), ("l2", "l2"), ("l3", "l3"), ("numa", "node")):
            if a[key] is not None and a[key] == b[key]:
                return relation
        return "package"

    def refused(self, name, *says):
        result = self.results[name]
        self.assertEqual((result.status, result.stdout), (2, ""), result.stderr)
        for part in says:
            self.assertIn(part, result.stderr)

    def only_case(self, name):
        (case,) = self.results[name].json["cases"]
        self.assertEqual(case["status"], "ok", case["reason"])
        return case

    def test_topology_finds_packages_nodes_and_siblings(self):
        self.assertEqual(sorted(self.cpus), list(range(8)))
        for key in ("package", "node"):
            self.assertEqual([self.cpus[cpu][key] for cpu in range(8)], [0, 0, 0, 0, 1, 1, 1, 1])
        for number, cpu in self.cpus.items():
            self.assertEqual(len(cpu["smt_siblings"]), 1)
            self.assertIn(number, self.cpus[cpu["smt_siblings"][0]]["smt_siblings"])
        self.assertEqual(self.results["topology"].json["nodes"], [0, 1])

    def test_topology_counts_every_relation(self):
        counted = {entry["relation"]: entry["pairs"] for entry in self.results["topology"].json["relations"]}
        expected = {}
        for writer in self.cpus:
            for reader in self.cpus:
                relation = self.relation(writer, reader)
                expected[relation] = expected.get(relation, 0) + 1
        self.assertEqual(counted, expected)
        self.assertLessEqual({"same-cpu", "smt", "cross-package"}, set(counted))
        self.assertTrue({"l2", "l3", "numa"} & set(counted), counted)

    def test_classes_measure_every_relation_once(self):
        cases = self.results["classes"].json["cases"]
        existing = [entry["relation"] for entry in self.results["topology"].json["relations"]]
        self.assertEqual([case["spec"]["relation"] for case in cases], existing)
        for case in cases:
            self.assertEqual((case["status"], len(case["samples"])), ("ok", 2), case["reason"])
            self.assertEqual(self.relation(case["spec"]["writer_cpu"], case["spec"]["reader_cpu"]), case["spec"]["relation"])

    def test_a_sweep_ends_with_a_line_for_each_relation(self):
        result = self.results["table"]
        self.assertEqual(result.status, 0, result.stderr)
        for entry in self.results["topology"].json["relations"]:
            self.assertRegex(result.stdout, rf"(?m)^{entry['relation']} +1 ")
        self.assertIn("writers down, readers across", result.stdout.lower())

    def test_memory_is_where_it_was_bound(self):
        for name, node in (("node 0", 0), ("node 1", 1), ("writer", 0), ("reader", 1)):
            obtained = self.only_case(name)["obtained"]
            self.assertEqual((obtained["writer_nodes"], obtained["reader_nodes"]), ([node], [node]), name)
        obtained = self.only_case("interleave")["obtained"]
        self.assertEqual((obtained["writer_nodes"], obtained["reader_nodes"]), ([0, 1], [0, 1]))

    def test_memory_is_local_to_each_thread_unless_bound(self):
        obtained = self.only_case("local")["obtained"]
        self.assertEqual((obtained["writer_node"], obtained["reader_node"]), (0, 1))

    def test_a_node_that_is_not_there_is_refused(self):
        self.refused("no such node", "--membind", "node:9", "0, 1")

    def test_streams_are_on_disjoint_pairs_of_one_relation(self):
        for case in self.results["two streams"].json["cases"] + [self.only_case("all streams")]:
            self.assertEqual(case["status"], "ok", case["reason"])
            pairs = case["spec"]["stream_cpus"]
            self.assertEqual({self.relation(*pair) for pair in pairs}, {case["spec"]["relation"]})
            used = [cpu for pair in pairs for cpu in set(pair)]
            self.assertEqual(len(used), len(set(used)), pairs)
            self.assertEqual(len(case["samples"][0]["stream_gib_per_second"]), case["spec"]["streams"])

    def test_more_streams_than_pairs_are_refused(self):
        self.refused("too many streams", "--streams", "4 fit here", "--oversubscribe")

    def test_the_affinity_mask_is_honoured(self):
        reasons = {cpu["cpu"]: cpu["reason"] for cpu in self.results["taskset"].json["cpus"]}
        self.assertEqual({cpu for cpu, reason in reasons.items() if reason is None}, {1, 2})
        self.assertEqual(reasons[0], "outside the affinity mask")
        self.refused("outside the mask", "CPU 0 cannot be used (outside the affinity mask)")

    def test_on_one_cpu_the_only_class_is_measured_and_said_to_be_the_only_one(self):
        case = self.only_case("one CPU")
        self.assertEqual((case["spec"]["writer_cpu"], case["spec"]["reader_cpu"], case["spec"]["relation"]), (2, 2, "same-cpu"))
        self.assertIn("Only one CPU may be used here, so there is no relation but same-cpu.", case["notes"])

    def test_the_cpuset_is_honoured(self):
        reasons = {cpu["cpu"]: cpu["reason"] for cpu in self.results["cpuset"].json["cpus"]}
        self.assertEqual({cpu for cpu, reason in reasons.items() if reason is None}, {0, 1, 2, 3})
        self.assertEqual(reasons[4], "outside the cpuset")
        self.refused("outside the cpuset", "CPU 4 cannot be used (outside the cpuset)")

    def unavailable(self, name):
        """What `list` says that cannot run, without what needs pages to be reserved, or another program at the pipe."""
        entries = self.results[name].json["entries"]
        return {
            (entry["kind"], entry["name"]): entry["reason"]
            for entry in entries
            if not entry["available"] and entry["kind"] != "pages" and entry["name"] not in ("stdin", "stdout")
        }

    def test_everything_runs_on_this_kernel(self):
        self.assertEqual(self.unavailable("list"), {})

    def test_what_ends_in_dev_null_needs_it(self):
        unavailable = self.unavailable("list without /dev/null")
        self.assertEqual(set(unavailable), {("reader", name) for name in ("splice", "relay", "uring-splice")})
        for reason in unavailable.values():
            self.assertRegex(reason, r"^/dev/null cannot be opened: ENOENT \(No such file or directory\)")

    def test_an_offline_cpu_is_known_and_refused(self):
        reasons = {cpu["cpu"]: cpu["reason"] for cpu in self.results["offline"].json["cpus"]}
        self.assertEqual({cpu: reason for cpu, reason in reasons.items() if reason}, {7: "offline"})
        self.refused("on the offline CPU", "CPU 7 cannot be used (offline)")


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    machine.run_tests(missing())
