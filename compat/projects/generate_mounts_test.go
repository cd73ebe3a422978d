package projects_test

func mountGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "volumes", percent: 55, write: func(a *serviceGenerator, _ attributes) any { return a.chooseSome(a.volumes()...) }},
		// gamma is left out, because gamma has two containers: Compose uses the container made first, and the next call
		// recreates all.
		{name: "volumes_from", percent: 12, write: someOf("alpha", "beta:ro", "alpha:rw", "container:@project-outside:ro",
			"container:@project-outside")},
		{name: "tmpfs", percent: 15, write: writeAlways(func(a *serviceGenerator) any {
			return a.oneOrList("/run", "/run/more:size=1m,mode=1770",
				"/var/tmp:ro,noexec")
		})},
		{name: "secrets", percent: 20, write: func(a *serviceGenerator, have attributes) any { return a.references(have, a.secretUses()) }},
		{name: "configs", percent: 20, write: func(a *serviceGenerator, have attributes) any { return a.references(have, a.configUses()) }},
	}
}

// volumes generates volumes of all kinds, in both syntaxes. Some share a target, and the last wins.
func (a *serviceGenerator) volumes() []any {
	long := func(kind, source, target string, more map[string]any) any {
		v := map[string]any{"type": kind, "target": target}
		if source != "" {
			v["source"] = source
		}
		for key, value := range more {
			v[key] = value
		}
		return v
	}
	bind := func(options map[string]any) map[string]any { return map[string]any{"bind": options} }
	all := []any{
		"/anonymous", "/anonymous/more", "data:/data", "data:/data/ro:ro", "labelled:/labelled:rw", "options:/options:nocopy",
		"renamed:/renamed/", "data:/z:z",
		"./sub:/sub", "./sub:/sub/ro:ro", "./sub:/sub/z:ro,z", "./made-by-engine:/made", "/etc/hostname:/host/hostname:ro",
		"./sub:/sub/shared:rshared", "outside:/outside",
		"./sub:/data", "~/.tasks-test-none:/home-of-user", "data:/data/consistent:cached", "./sub:/sub/delegated:delegated,ro",
		long("bind", "./sub", "/long/bind", map[string]any{"read_only": true}), long("bind", "./sub", "/long/created",
			bind(map[string]any{"create_host_path": true})),
		long("bind", "./sub", "/long/there", bind(map[string]any{"create_host_path": false})), long("bind", "./sub", "/long/private",
			bind(map[string]any{"propagation": "rprivate"})),
		long("bind", "./sub", "/long/z", bind(map[string]any{"selinux": "z"})), long("bind", "./sub", "/long/recursive",
			bind(map[string]any{"recursive": a.word("enabled", "disabled")})),
		long("bind", "./sub", "/long/slave", bind(map[string]any{"propagation": "slave", "create_host_path": a.happens(50)})),
		long("volume", "data", "/long/data", nil), long("volume", "data", "/long/nocopy", map[string]any{"read_only": true,
			"volume": map[string]any{"nocopy": true}}),
		long("volume", "", "/long/anonymous", map[string]any{"volume": map[string]any{"labels": map[string]any{"of": "anonymous"}}}),
		long("volume", "labelled", "/long/labels",
			map[string]any{"volume": map[string]any{"labels": a.mapping(map[string]any{"a": "1"})}}),
		long("volume", "data", "/long/consistent", map[string]any{"consistency": "cached"}), long("volume", "", "/anonymous", nil),
		long("tmpfs", "", "/long/tmpfs", nil), long("tmpfs", "", "/long/tmpfs/sized",
			map[string]any{"tmpfs": map[string]any{"size": a.choose("1m", 2000000), "mode": a.choose(0o1770, 0o700)}}),
		long("tmpfs", "", "/long/run", map[string]any{"read_only": true}),
	}
	a.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+a.IntN(6)]
}

// references generates uses of secrets or configs. A copied file needs a writable container.
func (a *serviceGenerator) references(have attributes, uses map[string]any) any {
	var list []any
	for _, source := range []string{"of_file", "of_environment", "of_content"} {
		if use, ok := uses[source]; ok && a.happens(60) && (source == "of_file" || have["read_only"] == nil) {
			list = append(list, use)
		}
	}
	if list == nil {
		return nil
	}
	return list
}

func (a *serviceGenerator) secretUses() map[string]any {
	return map[string]any{
		"of_file": a.choose("of_file", map[string]any{"source": "of_file"}, map[string]any{"source": "of_file", "target": "renamed",
			"uid": "1000", "mode": 0o400}),
		"of_environment": a.choose("of_environment", map[string]any{"source": "of_environment", "target": "/etc/absolute", "uid": "1000",
			"gid": "1000", "mode": "0440"}),
	}
}

func (a *serviceGenerator) configUses() map[string]any {
	return map[string]any{
		"of_file":        a.choose("of_file", map[string]any{"source": "of_file", "target": "/etc/config.ini", "mode": 0o400}),
		"of_environment": a.choose("of_environment", map[string]any{"source": "of_environment", "target": "relative/config"}),
		"of_content": a.choose("of_content", map[string]any{"source": "of_content", "target": "/etc/deep/er/config", "uid": "7",
			"gid": "8", "mode": 0o640}),
	}
}
