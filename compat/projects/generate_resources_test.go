package projects_test

// namespaceGenerators generate shared namespaces. The engine rejects impossible combinations.
func namespaceGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "cgroup", percent: 7, write: oneOf("host", "private")},
		{name: "cgroup_parent", percent: 7, write: oneOf("/tasks-test", "m-executor-abcd")},
		{name: "ipc", percent: 12, write: oneOf("private", "shareable", "host", "none", "service:alpha", "container:@project-outside")},
		{name: "pid", percent: 12, write: oneOf("host", "service:alpha", "service:beta", "container:@project-outside")},
		{name: "uts", percent: 7, excludes: []string{"hostname", "domainname"}, write: oneOf("host")},
		{name: "userns_mode", percent: 7, write: oneOf("host")},
		{name: "isolation", percent: 5, write: oneOf("default")},
		{name: "runtime", percent: 7, write: oneOf("runc")},
	}
}

func securityGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "cap_add", percent: 15, write: someOf("NET_ADMIN", "CAP_SYS_PTRACE", "net_raw", "MKNOD", "ALL")},
		{name: "cap_drop", percent: 15, write: someOf("CHOWN", "CAP_KILL", "setuid", "ALL")},
		{name: "group_add", percent: 15, write: someOf("2000", 3000, "app", "1000")},
		{name: "privileged", percent: 7, write: oneOf(true, false)},
		{name: "read_only", percent: 12, write: func(a *serviceGenerator, have attributes) any {
			if have["secrets"] != nil || have["configs"] != nil {
				return nil // some are copied in, impossible in a read-only container
			}
			return a.choose(true, false)
		}},
		{name: "security_opt", percent: 15, write: someOf("no-new-privileges:true", "label:disable", "label=user:app",
			"seccomp=./seccomp.json", "systempaths=unconfined")},
		{name: "security_opt", percent: 10, write: oneOf([]any{"no-new-privileges"}, []any{"seccomp:unconfined"},
			[]any{"seccomp=unconfined"},
			[]any{"seccomp:sub/seccomp.json", "no-new-privileges=false"}, []any{"apparmor=unconfined"})},
		{name: "sysctls", percent: 12, excludes: []string{"network_mode"}, write: writeAlways(func(a *serviceGenerator) any {
			return a.mapping(map[string]any{"net.core.somaxconn": 256, "net.ipv4.ip_unprivileged_port_start": "0"})
		})},
		{name: "logging", percent: 20, write: oneOf(
			map[string]any{"driver": "json-file", "options": map[string]any{"max-size": "1m", "max-file": 2}},
			map[string]any{"driver": "none"}, map[string]any{"driver": "local"},
			map[string]any{"options": map[string]any{"max-size": "2m"}},
			map[string]any{"driver": "json-file", "options": map[string]any{"labels": "team", "tag": "{{.Name}}", "mode": nil}})},
	}
}

func cpuGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "cpus", percent: 12, excludes: []string{"cpu_quota", "cpu_period", "deploy"}, write: oneOf(0.5, "0.1", 1, "1.75", 0.333, 0)},
		{name: "cpu_period", percent: 7, excludes: []string{"deploy"}, write: oneOf(50000, "100000")},
		{name: "cpu_quota", percent: 7, excludes: []string{"deploy"}, write: oneOf(25000, "50000", -1)},
		{name: "cpu_shares", percent: 10, write: oneOf(512, "1024", 0)},
		{name: "cpuset", percent: 10, write: oneOf("0", "0,1", "0-1")},
		{name: "cpu_count", percent: 4, write: oneOf(1, "2")},
		{name: "cpu_percent", percent: 4, write: oneOf(50, 20)},
		{name: "deploy", percent: 25, excludes: []string{"cpus", "cpu_quota", "cpu_period", "mem_limit", "mem_reservation", "memswap_limit",
			"pids_limit", "scale", "container_name"},
			write: writeAlways((*serviceGenerator).deploy)},
	}
}

func memoryGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "mem_limit", percent: 15, excludes: []string{"deploy"}, write: oneOf("64m", "1gb", 100000000, "128MiB")},
		{name: "mem_reservation", percent: 10, excludes: []string{"deploy"}, write: oneOf("16m", "8000000b")},
		{name: "memswap_limit", percent: 20, excludes: []string{"deploy"}, write: func(a *serviceGenerator, have attributes) any {
			if have["mem_limit"] == nil {
				return nil // the engine requires both
			}
			return a.choose("2g", -1, "1500000000")
		}},
		{name: "mem_swappiness", percent: 7, write: oneOf(10, "0", 100)},
		{name: "oom_kill_disable", percent: 7, write: oneOf(true, false)},
		{name: "oom_score_adj", percent: 7, write: oneOf(100, -500, "7", 0)},
		{name: "pids_limit", percent: 10, excludes: []string{"deploy"}, write: oneOf(100, -1, "50", 0)},
		{name: "shm_size", percent: 10, write: oneOf("1m", "64mb", 2000000)},
		{name: "ulimits", percent: 15, write: oneOf(map[string]any{"nofile": map[string]any{"soft": 1024, "hard": 2048}, "nproc": 512},
			map[string]any{"core": 0}, map[string]any{"memlock": map[string]any{"soft": -1, "hard": -1}, "nofile": "1000"},
			map[string]any{"memlock": -1})},
		{name: "blkio_config", percent: 7, write: oneOf(map[string]any{"weight": 300},
			map[string]any{"weight_device": []any{map[string]any{"path": "/dev/zero", "weight": 400}},
				"device_read_bps":   []any{map[string]any{"path": "/dev/zero", "rate": "12mb"}},
				"device_write_iops": []any{map[string]any{"path": "/dev/zero", "rate": 30}}},
			map[string]any{"device_write_bps": []any{map[string]any{"path": "/dev/zero", "rate": 1024}},
				"device_read_iops": []any{map[string]any{"path": "/dev/zero", "rate": "120"}}})},
	}
}

// deploy generates the attributes for a single engine, and others for Swarm alone.
func (a *serviceGenerator) deploy() any {
	d := map[string]any{}
	parts := map[string]func() any{
		"replicas": func() any { return a.choose(1, 2) }, "mode": func() any { return "replicated" },
		"labels":        func() any { return a.mapping(map[string]any{"only": "swarm"}) },
		"endpoint_mode": func() any { return a.choose("vip", "dnsrr") },
		"placement": func() any {
			return map[string]any{"constraints": []any{"node.role == manager"}, "max_replicas_per_node": 3}
		},
		"update_config":  func() any { return map[string]any{"parallelism": 2, "delay": "10s", "order": "start-first"} },
		"restart_policy": a.restartPolicy, "resources": a.resources,
	}
	for _, name := range a.chooseSome("replicas", "mode", "labels", "endpoint_mode", "placement", "update_config", "restart_policy",
		"resources") {
		d[name.(string)] = nil // random keys would be written in the order of the map
	}
	for _, name := range []string{"replicas", "mode", "labels", "endpoint_mode", "placement", "update_config", "restart_policy",
		"resources"} {
		if _, wanted := d[name]; wanted {
			d[name] = parts[name]()
		}
	}
	return d
}

func (a *serviceGenerator) restartPolicy() any {
	p := map[string]any{}
	if a.happens(80) {
		p["condition"] = a.choose("none", "on-failure", "any", "always", "no", "unless-stopped")
	}
	if p["condition"] == "on-failure" && a.happens(60) {
		p["max_attempts"] = a.choose(0, 3)
	}
	if a.happens(30) {
		p["delay"], p["window"] = "5s", "1m"
	}
	return p
}

func (a *serviceGenerator) resources() any {
	limits, reservations := map[string]any{}, map[string]any{}
	if a.happens(60) {
		limits["cpus"] = a.choose("0.5", 1.25, "0.1")
	}
	if a.happens(60) {
		limits["memory"] = a.choose("64M", "1g", "100000000")
	}
	if a.happens(40) {
		limits["pids"] = a.choose(100, -1)
	}
	if a.happens(40) {
		reservations["cpus"] = "0.25"
	}
	if a.happens(60) {
		reservations["memory"] = a.choose("16M", "8000000")
	}
	if a.happens(30) {
		reservations["devices"] = []any{map[string]any{"capabilities": []any{"gpu", "utility"}, "driver": "nvidia", "count": a.choose(1,
			"all"), "options": map[string]any{"o": "1"}}}
	}
	return map[string]any{"limits": limits, "reservations": reservations}
}

func deviceGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "devices", percent: 12, write: oneOf([]any{"/dev/null"}, []any{"/dev/null:/dev/nothing", "/dev/zero:/dev/zero:r"},
			[]any{map[string]any{"source": "/dev/full", "target": "/dev/brim", "permissions": "rw"}},
			[]any{"/dev/null:/dev/nothing:rwm", "vendor.example/device=one"})},
		{name: "device_cgroup_rules", percent: 7, write: someOf("c 1:5 r", "a 7:* rwm", "b *:* m")},
		{name: "gpus", percent: 5, write: oneOf("all", []any{map[string]any{"driver": "nvidia", "count": 2}},
			[]any{map[string]any{"device_ids": []any{"0", "1"}, "capabilities": []any{"compute"}, "options": map[string]any{"o": "1"}}})},
	}
}
