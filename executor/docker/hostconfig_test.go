package docker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamespaces(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"all": {
			"cgroup: private\ncgroup_parent: c\nipc: shareable\npid: host\nuts: host\nuserns_mode: host\nisolation: process\nruntime: runsc",
			`{"CgroupnsMode": "private", "CgroupParent": "c", "IpcMode": "shareable", "PidMode": "host", "UTSMode": "host",
				"UsernsMode": "host", "Isolation": "process", "Runtime": "runsc"}`,
		},
		"of a container": {"ipc: container:x\npid: container:y", `{"IpcMode": "container:x", "PidMode": "container:y"}`},
	})
	checkRefusals(t, map[string]refusal{
		"ipc":          {"ipc: service:db", "", "service web: ipc: service db has no container yet"},
		"pid":          {"pid: service:db", "", "service web: pid: service db has no container yet"},
		"network_mode": {"network_mode: service:db", "", "service web: network_mode: service db has no container yet"},
	}, "  db: {image: busybox}")
}

func TestSecurity(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"capabilities":      {"cap_add: [NET_ADMIN]\ncap_drop: [ALL]", `{"CapAdd": ["NET_ADMIN"], "CapDrop": ["ALL"]}`},
		"umask":             {"umask: 0o77", `{"Umask": 63}`},
		"groups":            {"group_add: [mail, 1000]", `{"GroupAdd": ["mail", "1000"]}`},
		"switches":          {"privileged: true\nread_only: true", `{"Privileged": true, "ReadonlyRootfs": true}`},
		"sysctls":           {"sysctls: [net.core.somaxconn=1024]", `{"Sysctls": {"net.core.somaxconn": "1024"}}`},
		"security options":  {"security_opt: [no-new-privileges, 'label:user:U', apparmor=x]", `{"SecurityOpt": ["no-new-privileges", "label:user:U", "apparmor=x"]}`},
		"known seccomp":     {"security_opt: ['seccomp=unconfined', 'seccomp:builtin']", `{"SecurityOpt": ["seccomp=unconfined", "seccomp:builtin"]}`},
		"no masks":          {"security_opt: [systempaths=unconfined, a=b]", `{"SecurityOpt": ["a=b"], "MaskedPaths": [], "ReadonlyPaths": []}`},
		"a credential spec": {"credential_spec: {file: spec.json}", `{"SecurityOpt": ["credentialspec=file://spec.json"]}`},
		"a credential spec of the registry": {"security_opt: [a=b]\ncredential_spec: {registry: mine}",
			`{"SecurityOpt": ["a=b", "credentialspec=registry://mine"]}`},
		"the usual masking": {"security_opt: [a=b]", `{"SecurityOpt": ["a=b"]}`},
	})
	checkRefusals(t, map[string]refusal{
		"no option":                  {"security_opt: [nonsense]", "", `service web: security_opt: "nonsense" is no option: write KEY=VALUE`},
		"a credential spec of Swarm": {"credential_spec: {config: c}", "", "service web: credential_spec: config exists in Swarm only"},
		"missing profile":            {"security_opt: ['seccomp:nowhere.json']", "", "service web: security_opt: seccomp profile: open "},
	})
}

func TestSeccompProfile(t *testing.T) {
	spec := specOf(t, "security_opt: ['seccomp:profiles/p.json']")
	path := filepath.Join(spec.ProjectDir, "profiles/p.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{"{\n  \"a\": 1\n}\n": `seccomp={"a":1}`, "{": ""} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		made, err := createOptions(spec, newest)
		if want == "" {
			if err == nil {
				t.Error("a broken profile is taken")
			}
			continue
		}
		if err != nil || cmp.Diff([]string{want}, made.options.HostConfig.SecurityOpt) != "" {
			t.Errorf("got %v, %v", made.options.HostConfig, err)
		}
	}
}

func TestResources(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"processor": {
			"cpu_count: 1\ncpu_percent: 50\ncpu_period: 3\ncpu_quota: 4\ncpu_rt_period: 5\ncpu_rt_runtime: 6\ncpu_shares: 7\ncpuset: 0,1",
			`{"CpuCount": 1, "CpuPercent": 5000, "CpuPeriod": 3, "CpuQuota": 4, "CpuRealtimePeriod": 5, "CpuRealtimeRuntime": 6,
				"CpuShares": 7, "CpusetCpus": "0,1"}`,
		},
		"a tenth of a processor": {"cpus: 0.1", `{"NanoCpus": 100000000}`},
		"memory": {
			"mem_limit: 64m\nmem_reservation: 32m\nmemswap_limit: -1\nmem_swappiness: 60\noom_kill_disable: true\noom_score_adj: -5\n" +
				"pids_limit: -1\nshm_size: 1g",
			`{"Memory": 67108864, "MemoryReservation": 33554432, "MemorySwap": -1, "MemorySwappiness": 60, "OomKillDisable": true,
				"OomScoreAdj": -5, "PidsLimit": -1, "ShmSize": 1073741824}`,
		},
		"storage": {"storage_opt: {size: 1G}", `{"StorageOpt": {"size": "1G"}}`},
		"ulimits, sorted, a single number and a pair": {
			"ulimits: {nproc: 3, nofile: {soft: 1, hard: 2}}",
			`{"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}, {"Name": "nproc", "Soft": 3, "Hard": 3}]}`,
		},
		"block devices": {
			`
blkio_config:
  weight: 300
  weight_device: [{path: /dev/a, weight: 400}]
  device_read_bps: [{path: /dev/b, rate: 1k}]
  device_read_iops: [{path: /dev/c, rate: 2}]
  device_write_bps: [{path: /dev/d, rate: 3}]
  device_write_iops: [{path: /dev/e, rate: 4}]`,
			`{"BlkioWeight": 300, "BlkioWeightDevice": [{"Path": "/dev/a", "Weight": 400}],
				"BlkioDeviceReadBps": [{"Path": "/dev/b", "Rate": 1024}], "BlkioDeviceReadIOps": [{"Path": "/dev/c", "Rate": 2}],
				"BlkioDeviceWriteBps": [{"Path": "/dev/d", "Rate": 3}], "BlkioDeviceWriteIOps": [{"Path": "/dev/e", "Rate": 4}]}`,
		},
		"deploy": {
			"deploy: {resources: {limits: {cpus: '0.5', memory: 1m, pids: 9}, reservations: {memory: 512k}}}",
			`{"NanoCpus": 500000000, "Memory": 1048576, "PidsLimit": 9, "MemoryReservation": 524288}`,
		},
		"deploy's devices": {
			"deploy: {resources: {reservations: {devices: [{driver: nvidia, device_ids: ['0'], capabilities: [gpu, utility], options: {a: b}}]}}}",
			`{"DeviceRequests": [{"Driver": "nvidia", "Count": 0, "DeviceIDs": ["0"], "Capabilities": [["gpu", "utility"]], "Options": {"a": "b"}}]}`,
		},
	})
}

// TestWindowsOnlyAttributes: an engine of Linux accepts cpu_count silently.
func TestWindowsOnlyAttributes(t *testing.T) {
	for system, want := range map[string][]string{windows: nil, "linux": {"service web: cpu_count: has no effect but on an engine of Windows"}} {
		m := newMapper(specOf(t, "cpu_count: 2"), newest)
		m.osType = system
		made, err := m.create()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, made.warnings); diff != "" || made.options.HostConfig.CPUCount != 2 {
			t.Errorf("%s: %s", system, diff)
		}
	}
}

func TestDevices(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"files": {
			"devices: ['/dev/null:/dev/x:r', /dev/zero]",
			`{"Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "r"},
				{"PathOnHost": "/dev/zero", "PathInContainer": "/dev/zero", "CgroupPermissions": "rwm"}]}`,
		},
		"files, in long": {
			"devices: [{source: /dev/null, target: /dev/y, permissions: rw}]",
			`{"Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/y", "CgroupPermissions": "rw"}]}`,
		},
		"names of the Container Device Interface": {
			"devices: [nvidia.com/gpu=all, vendor.test/class=a.b]",
			`{"DeviceRequests": [{"Driver": "cdi", "Count": 0, "DeviceIDs": ["nvidia.com/gpu=all", "vendor.test/class=a.b"],
				"Capabilities": null, "Options": null}]}`,
		},
		"rules":    {"device_cgroup_rules: ['c 1:3 mr']", `{"DeviceCgroupRules": ["c 1:3 mr"]}`},
		"all gpus": {"gpus: all", `{"DeviceRequests": [{"Driver": "", "Count": -1, "DeviceIDs": null, "Capabilities": [["gpu"]], "Options": null}]}`},
		"two gpus": {
			"gpus: [{driver: nvidia, count: 2, capabilities: [utility]}]",
			`{"DeviceRequests": [{"Driver": "nvidia", "Count": 2, "DeviceIDs": null, "Capabilities": [["utility", "gpu"]], "Options": null}]}`,
		},
	})
}
