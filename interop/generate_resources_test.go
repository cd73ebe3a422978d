package interop

// namespaceGenerators are about what a container shares. What cannot be had together the engine refuses.
func namespaceGenerators() []generator {
	return []generator{
		{name: "cgroup", percent: 7, write: from("host", "private")},
		{name: "cgroup_parent", percent: 7, write: from("/tasks-test", "m-executor-abcd")},
		{name: "ipc", percent: 12, write: from("private", "shareable", "host", "none", "service:alpha", "container:@project-outside")},
		{name: "pid", percent: 12, write: from("host", "service:alpha", "service:beta", "container:@project-outside")},
		{name: "uts", percent: 7, not: []string{"hostname", "domainname"}, write: from("host")},
		{name: "userns_mode", percent: 7, write: from("host")},
		{name: "isolation", percent: 5, write: from("default")},
		{name: "runtime", percent: 7, write: from("runc")},
	}
}

func securityGenerators() []generator {
	return []generator{
		{name: "cap_add", percent: 15, write: someOf("NET_ADMIN", "CAP_SYS_PTRACE", "net_raw", "MKNOD", "ALL")},
		{name: "cap_drop", percent: 15, write: someOf("CHOWN", "CAP_KILL", "setuid", "ALL")},
		{name: "group_add", percent: 15, write: someOf("2000", 3000, "app", "1000")},
		{name: "privileged", percent: 7, write: from(true, false)},
		{name: "read_only", percent: 12, write: func(a *author, have attributes) any {
			if have["secrets"] != nil || have["configs"] != nil {
				return nil // some are copied in, which is refused
			}
			return a.one(true, false)
		}},
		{name: "security_opt", percent: 15, write: someOf("no-new-privileges:true", "label:disable", "label=user:app",
			"seccomp=./seccomp.json", "systempaths=unconfined")},
		{name: "security_opt", percent: 10, write: from([]any{"no-new-privileges"}, []any{"seccomp:unconfined"},
			[]any{"seccomp=unconfined"},
			[]any{"seccomp:sub/seccomp.json", "no-new-privileges=false"}, []any{"apparmor=unconfined"})},
		{name: "sysctls", percent: 12, not: []string{"network_mode"}, write: always(func(a *author) any {
			return a.mapping(map[string]any{"net.core.somaxconn": 256, "net.ipv4.ip_unprivileged_port_start": "0"})
		})},
		{name: "logging", percent: 20, write: from(
			map[string]any{"driver": "json-file", "options": map[string]any{"max-size": "1m", "max-file": 2}},
			map[string]any{"driver": "none"}, map[string]any{"driver": "local"},
			map[string]any{"options": map[string]any{"max-size": "2m"}},
			map[string]any{"driver": "json-file", "options": map[string]any{"labels": "team", "tag": "{{.Name}}", "mode": nil}})},
	}
}

func cpuGenerators() []generator {
	return []generator{
		{name: "cpus", percent: 12, not: []string{"cpu_quota", "cpu_period", "deploy"}, write: from(0.5, "0.1", 1, "1.75", 0.333, 0)},
		{name: "cpu_period", percent: 7, not: []string{"deploy"}, write: from(50000, "100000")},
		{name: "cpu_quota", percent: 7, not: []string{"deploy"}, write: from(25000, "50000", -1)},
		{name: "cpu_shares", percent: 10, write: from(512, "1024", 0)},
		{name: "cpuset", percent: 10, write: from("0", "0,1", "0-1")},
		{name: "cpu_count", percent: 4, write: from(1, "2")},
		{name: "cpu_percent", percent: 4, write: from(50, 20)},
		{name: "deploy", percent: 25, not: []string{"cpus", "cpu_quota", "cpu_period", "mem_limit", "mem_reservation", "memswap_limit",
			"pids_limit", "scale", "container_name"},
			write: always((*author).deploy)},
	}
}

func memoryGenerators() []generator {
	return []generator{
		{name: "mem_limit", percent: 15, not: []string{"deploy"}, write: from("64m", "1gb", 100000000, "128MiB")},
		{name: "mem_reservation", percent: 10, not: []string{"deploy"}, write: from("16m", "8000000b")},
		{name: "memswap_limit", percent: 20, not: []string{"deploy"}, write: func(a *author, have attributes) any {
			if have["mem_limit"] == nil {
				return nil // the engine wants both
			}
			return a.one("2g", -1, "1500000000")
		}},
		{name: "mem_swappiness", percent: 7, write: from(10, "0", 100)},
		{name: "oom_kill_disable", percent: 7, write: from(true, false)},
		{name: "oom_score_adj", percent: 7, write: from(100, -500, "7", 0)},
		{name: "pids_limit", percent: 10, not: []string{"deploy"}, write: from(100, -1, "50", 0)},
		{name: "shm_size", percent: 10, write: from("1m", "64mb", 2000000)},
		{name: "ulimits", percent: 15, write: from(map[string]any{"nofile": map[string]any{"soft": 1024, "hard": 2048}, "nproc": 512},
			map[string]any{"core": 0}, map[string]any{"memlock": map[string]any{"soft": -1, "hard": -1}, "nofile": "1000"},
			map[string]any{"memlock": -1})},
		{name: "blkio_config", percent: 7, write: from(map[string]any{"weight": 300},
			map[string]any{"weight_device": []any{map[string]any{"path": "/dev/zero", "weight": 400}},
				"device_read_bps":   []any{map[string]any{"path": "/dev/zero", "rate": "12mb"}},
				"device_write_iops": []any{map[string]any{"path": "/dev/zero", "rate": 30}}},
			map[string]any{"device_write_bps": []any{map[string]any{"path": "/dev/zero", "rate": 1024}},
				"device_read_iops": []any{map[string]any{"path": "/dev/zero", "rate": "120"}}})},
	}
}

// deploy is what one engine reads of it, and what only Swarm does.
func (a *author) deploy() any {
	d := map[string]any{}
	parts := map[string]func() any{
		"replicas": func() any { return a.one(1, 2) }, "mode": func() any { return "replicated" },
		"labels":        func() any { return a.mapping(map[string]any{"only": "swarm"}) },
		"endpoint_mode": func() any { return a.one("vip", "dnsrr") },
		"placement": func() any {
			return map[string]any{"constraints": []any{"node.role == manager"}, "max_replicas_per_node": 3}
		},
		"update_config":  func() any { return map[string]any{"parallelism": 2, "delay": "10s", "order": "start-first"} },
		"restart_policy": a.restartPolicy, "resources": a.resources,
	}
	for _, name := range a.some("replicas", "mode", "labels", "endpoint_mode", "placement", "update_config", "restart_policy",
		"resources") {
		d[name.(string)] = nil // keys in order of chance would write in order of the map
	}
	for _, name := range []string{"replicas", "mode", "labels", "endpoint_mode", "placement", "update_config", "restart_policy",
		"resources"} {
		if _, wanted := d[name]; wanted {
			d[name] = parts[name]()
		}
	}
	return d
}

func (a *author) restartPolicy() any {
	p := map[string]any{}
	if a.chance(80) {
		p["condition"] = a.one("none", "on-failure", "any", "always", "no", "unless-stopped")
	}
	if p["condition"] == "on-failure" && a.chance(60) {
		p["max_attempts"] = a.one(0, 3)
	}
	if a.chance(30) {
		p["delay"], p["window"] = "5s", "1m"
	}
	return p
}

func (a *author) resources() any {
	limits, reservations := map[string]any{}, map[string]any{}
	if a.chance(60) {
		limits["cpus"] = a.one("0.5", 1.25, "0.1")
	}
	if a.chance(60) {
		limits["memory"] = a.one("64M", "1g", "100000000")
	}
	if a.chance(40) {
		limits["pids"] = a.one(100, -1)
	}
	if a.chance(40) {
		reservations["cpus"] = "0.25"
	}
	if a.chance(60) {
		reservations["memory"] = a.one("16M", "8000000")
	}
	if a.chance(30) {
		reservations["devices"] = []any{map[string]any{"capabilities": []any{"gpu", "utility"}, "driver": "nvidia", "count": a.one(1,
			"all"), "options": map[string]any{"o": "1"}}}
	}
	return map[string]any{"limits": limits, "reservations": reservations}
}

func deviceGenerators() []generator {
	return []generator{
		{name: "devices", percent: 12, write: from([]any{"/dev/null"}, []any{"/dev/null:/dev/nothing", "/dev/zero:/dev/zero:r"},
			[]any{map[string]any{"source": "/dev/full", "target": "/dev/brim", "permissions": "rw"}},
			[]any{"/dev/null:/dev/nothing:rwm", "vendor.example/device=one"})},
		{name: "device_cgroup_rules", percent: 7, write: someOf("c 1:5 r", "a 7:* rwm", "b *:* m")},
		{name: "gpus", percent: 5, write: from("all", []any{map[string]any{"driver": "nvidia", "count": 2}},
			[]any{map[string]any{"device_ids": []any{"0", "1"}, "capabilities": []any{"compute"}, "options": map[string]any{"o": "1"}}})},
	}
}
