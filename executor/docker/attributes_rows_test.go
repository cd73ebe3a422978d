package docker

import "slices"

// docRow is a row of docs/attributes.md.
type docRow struct {
	// name is the attribute. A part follows a dot. * stands for a name chosen by the file.
	name string
	// target is the destination. since is the needed version of the API, empty: any.
	target, since string
	// note has further facts.
	note string
	// test is the name of a proving test.
	test string
	// sample makes a service need that version, if the table of the code has no since.
	sample string
}

// proof adds to the table of the code.
type proof struct{ note, test string }

// proofs are the proofs of whole attributes.
func proofs() map[string]proof {
	return map[string]proof{
		"image": {"", "TestIdentity"}, "container_name": {"not for a one-off: a one-off has its own name", "TestNames"},
		"labels": {"a warning for Compose's own keys: these keys are reserved", "TestLabelsOfComposeAreItsOwn"}, "tty": {"for a one-off, the task decides", "TestStreams"},
		"stdin_open": {"for a one-off, the task decides", "TestStreams"}, "platform": {"else `DOCKER_DEFAULT_PLATFORM`", "TestIdentity"},
		"annotations": {"", "TestProcess"},
		"command":     {"`[]` keeps the image's command: the engine can remove the command only with an entrypoint", "TestEmptyIsNotNothing"},
		"entrypoint":  {"`[]` keeps the image's entrypoint, `[\"\"]` removes the entrypoint; any other value drops the image's command", "TestEmptyIsNotNothing"},
		"environment": {"a name without any value removes the image's variable; `environment` wins over the proxies of the docker configuration", "TestProcess"},
		"user":        {"", "TestProcess"}, "working_dir": {"", "TestProcess"}, "hostname": {"", "TestProcess"}, "domainname": {"", "TestProcess"},
		"init": {"", "TestProcess"}, "stop_signal": {"", "TestProcess"}, "stop_grace_period": {"", "TestProcess"},
		"restart": {"not for a one-off", "TestProcess"}, "healthcheck": {"see the parts below", "TestProcess"},

		"cgroup": {"", "TestNamespaces"}, "cgroup_parent": {"", "TestNamespaces"}, "ipc": {"`service:x` means the container of x", "TestNamespaces"},
		"pid": {"`service:x` means the container of x", "TestNamespaces"}, "uts": {"", "TestNamespaces"}, "userns_mode": {"", "TestNamespaces"},
		"isolation": {"an engine on Linux refuses all values but `default`", "TestNamespaces"}, "runtime": {"", "TestNamespaces"},
		"cap_add": {"", "TestSecurity"}, "cap_drop": {"", "TestSecurity"}, "group_add": {"", "TestSecurity"}, "umask": {"Compose v5.7 and later", "TestSecurity"}, "privileged": {"", "TestSecurity"},
		"read_only":       {"together with a secret or config to copy in: refused before anything starts", "TestSecurity"},
		"security_opt":    {"`tasks` reads the profile of `seccomp=FILE`", "TestSeccompProfile"},
		"credential_spec": {"an engine on Linux refuses the attribute", "TestSecurity"}, "sysctls": {"", "TestSecurity"},

		"cpu_count":   {"a warning, unless the engine runs on Windows", "TestWindowsOnlyAttributes"},
		"cpu_percent": {"an engine on Linux warns", "TestResources"}, "cpu_period": {"", "TestResources"}, "cpu_quota": {"", "TestResources"},
		"cpu_rt_period": {"", "TestResources"}, "cpu_rt_runtime": {"", "TestResources"}, "cpu_shares": {"", "TestResources"},
		"cpuset": {"", "TestResources"}, "cpus": {"`deploy.resources.limits.cpus` wins", "TestResources"},
		"mem_limit": {"`deploy.resources.limits.memory` wins", "TestResources"}, "mem_reservation": {"", "TestResources"},
		"memswap_limit": {"", "TestResources"}, "mem_swappiness": {"the loader reads 0 as no value", "TestResources"},
		"oom_kill_disable": {"an engine with cgroup v2 warns", "TestResources"}, "oom_score_adj": {"", "TestResources"},
		"pids_limit": {"`deploy.resources.limits.pids` wins", "TestResources"}, "shm_size": {"", "TestResources"},
		"storage_opt": {"", "TestResources"}, "ulimits": {"one number sets both soft and hard", "TestResources"},
		"blkio_config": {"see the parts below", "TestResources"}, "deploy": {"see the parts below", "TestResources"},
		"devices": {"", "TestDevices"}, "device_cgroup_rules": {"", "TestDevices"}, "gpus": {"", "TestDevices"},
		"logging": {"without a driver: the engine's default", "TestProcess"},

		"network_mode": {"`service:x` means the container of x, `disabled` means no network", "TestNetworking"},
		"networks":     {"before API 1.44 the other networks are connected between creation and start of the container", "TestNetworking"},
		"mac_address":  {"Compose drops the address silently on older engines", "TestNetworking"},
		"links":        {"a link gives only the alias in the file", "TestLinks"}, "external_links": {"", "TestLinks"},
		"ports":  {"for a one-off only on request", "TestPorts"},
		"expose": {"ranges too", "TestPorts"}, "dns": {"", "TestNamesOfHosts"}, "dns_opt": {"", "TestNamesOfHosts"},
		"dns_search": {"", "TestNamesOfHosts"}, "extra_hosts": {"the engine resolves `host-gateway`", "TestNamesOfHosts"},

		"volumes":       {"if several have the same target, the last counts", "TestLastVolumeOfATargetWins"},
		"secrets":       {"a warning if a volume or tmpfs covers the file", "TestReferenceWarnings"},
		"configs":       {"a warning if a volume or tmpfs covers the file", "TestReferenceWarnings"},
		"volumes_from":  {"the mode is kept; Compose loses the mode", "TestReferencesBetweenServices"},
		"volume_driver": {"no longer possible in a compose file", "TestEveryAttributeIsInTheTable"},
		"tmpfs":         {"", "TestVolumes"},

		"name": {"", "TestContainerLabels"}, "post_start": {"see [hooks](compose.md#hooks)", "TestHooksOfAService"},
		"pre_start": {"a whole container, with all attributes of a container; see [hooks](compose.md#hooks)", "TestHookContainers"}, "pre_stop": {"see [hooks](compose.md#hooks)", "TestHooksOfAService"},
		"profiles": {"", "TestLoadProfiles"}, "attach": {"part of the hash", "TestProcess"},
		"build":      {"see [images](images.md)", "TestNoAttributeIsIgnored"},
		"depends_on": {"", "TestConditions"}, "develop": {"part of the hash", "TestProcess"}, "extends": {"", "TestAttributesOfTheLoader"},
		"label_file": {"`labels` wins", "TestAttributesOfTheLoader"}, "pull_policy": {"see [images](images.md)", "TestImageVerbs"},
		"pull_refresh_after": {"with `pull_policy: refresh`; Compose ignores the time and always pulls", "TestImageVerbs"},
		"scale":              {"extra containers are kept", "TestReplicas"},
		"use_api_socket":     {"`/var/run/docker.sock`, the credentials of `docker login` and `DOCKER_CONFIG`", "TestAPISocketGivesTheCredentials"},
		"models":             {"", "TestRefusedAttributes"}, "provider": {"", "TestRefusedAttributes"},
		"env_file":   {"`environment` wins", "TestAttributesOfTheLoader"},
		"dockerfile": {"", "TestRefusedAttributes"}, "net": {"", "TestRefusedAttributes"}, "log_driver": {"", "TestRefusedAttributes"},
		"log_opt": {"", "TestRefusedAttributes"},
	}
}

// partRows are the rows of parts.
func partRows() []docRow {
	return slices.Concat(healthRows(), resourceRows(), networkRows(), volumeRows(), fileRows(), clientRows())
}

func healthRows() []docRow {
	const config, test = "Config.Healthcheck", "TestProcess"
	return []docRow{
		{name: "healthcheck.test", target: config, note: "", test: test},
		{name: "healthcheck.interval", target: config, test: test}, {name: "healthcheck.timeout", target: config, test: test},
		{name: "healthcheck.retries", target: config, test: test}, {name: "healthcheck.start_period", target: config, test: test},
		{name: "healthcheck.start_interval", target: config, since: "1.44", note: "older engines: a warning, and `tasks` sends its own probes; needs start_period",
			test: "TestStartIntervalOfOldEngines", sample: "healthcheck: {test: x, start_period: 9s, start_interval: 5s}"},
		{name: "healthcheck.disable", target: "the test `NONE`", test: test},
		{name: "logging.driver", target: "HostConfig.LogConfig", test: test}, {name: "logging.options", target: "HostConfig.LogConfig", test: test},
	}
}

func resourceRows() []docRow {
	const test = "TestResources"
	rows := []docRow{
		{name: "deploy.replicas", target: "the number of containers", note: "not for a one-off", test: "TestReplicas"},
		{name: "deploy.resources.limits.cpus", target: "HostConfig.NanoCPUs", test: test},
		{name: "deploy.resources.limits.memory", target: "HostConfig.Memory", test: test},
		{name: "deploy.resources.limits.pids", target: "HostConfig.PidsLimit", test: test},
		{name: "deploy.resources.reservations.memory", target: "HostConfig.MemoryReservation", test: test},
		{name: "deploy.resources.reservations.devices", target: "HostConfig.DeviceRequests", test: test},
		{name: "deploy.restart_policy.condition", target: "HostConfig.RestartPolicy", note: "wins over `restart`", test: "TestProcess"},
		{name: "deploy.restart_policy.max_attempts", target: "HostConfig.RestartPolicy", test: "TestProcess"},
		{name: "credential_spec.file", target: "HostConfig.SecurityOpt", test: "TestSecurity"},
		{name: "credential_spec.registry", target: "HostConfig.SecurityOpt", test: "TestSecurity"},
		{name: "credential_spec.config", target: "refused", note: "exists in Swarm only", test: "TestSecurity"},
		{name: "devices.source", target: "HostConfig.Devices", note: "the name of a CDI device: HostConfig.DeviceRequests", test: "TestDevices"},
		{name: "devices.target", target: "HostConfig.Devices", test: "TestDevices"}, {name: "devices.permissions", target: "HostConfig.Devices", test: "TestDevices"},
		{name: "ulimits.*.single", target: "HostConfig.Ulimits", note: "a number instead of soft and hard", test: test},
		{name: "ulimits.*.soft", target: "HostConfig.Ulimits", test: test}, {name: "ulimits.*.hard", target: "HostConfig.Ulimits", test: test},
	}
	for _, part := range []string{"weight", "weight_device", "device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"} {
		rows = append(rows, docRow{name: "blkio_config." + part, target: "HostConfig.Blkio…", test: test})
	}
	for _, part := range []string{"capabilities", "driver", "count", "device_ids", "options"} {
		rows = append(rows, docRow{name: "gpus." + part, target: "HostConfig.DeviceRequests", test: "TestDevices"})
	}
	for _, part := range []string{
		"mode", "labels", "update_config", "rollback_config", "placement", "endpoint_mode", "resources.reservations.cpus",
		"resources.reservations.generic_resources", "restart_policy.delay", "restart_policy.window",
	} {
		rows = append(rows, docRow{name: "deploy." + part, target: "nothing", note: "a warning: for Swarm only", test: "TestSwarmOnlyWarnings"})
	}
	for _, part := range []string{"resources.limits.devices", "resources.limits.generic_resources", "resources.reservations.pids"} {
		rows = append(rows, docRow{name: "deploy." + part, target: "nothing", note: "not possible in a compose file", test: "TestLoaderRefusesWhatHasNoPlace"})
	}
	return rows
}

func networkRows() []docRow {
	const endpoint, test = "the endpoint", "TestNetworking"
	on := func(config string) string { return "networks: {default: {" + config + "}}" }
	return []docRow{
		{name: "networks.*.aliases", target: endpoint, note: "for a one-off only with the option to use the service's aliases", test: "TestAliasesBelongToTheService"},
		{name: "networks.*.use_service_name_alias", target: endpoint, note: "`false`: the service's name is no alias; Compose v5.7 and later", test: "TestServiceNameAlias"},
		{name: "networks.*.ipv4_address", target: endpoint, test: test}, {name: "networks.*.ipv6_address", target: endpoint, test: test},
		{name: "networks.*.link_local_ips", target: endpoint, test: test}, {name: "networks.*.driver_opts", target: endpoint, test: test},
		{name: "networks.*.mac_address", target: endpoint, since: "1.44", test: test, sample: on("mac_address: '02:42:ac:11:00:02'")},
		{name: "networks.*.gw_priority", target: endpoint, since: "1.48", test: test, sample: on("gw_priority: 1")},
		{name: "networks.*.interface_name", target: "an option of the driver", since: "1.49", test: test, sample: on("interface_name: eth7")},
		{name: "networks.*.priority", target: "the choice of the main network", test: test},
		{name: "ports.target", target: "HostConfig.PortBindings", test: "TestPorts"}, {name: "ports.protocol", target: "HostConfig.PortBindings", test: "TestPorts"},
		{name: "ports.published", target: "HostConfig.PortBindings", note: "ranges too", test: "TestPorts"},
		{name: "ports.host_ip", target: "HostConfig.PortBindings", test: "TestPorts"},
		{name: "ports.mode", target: "nothing", note: "a single engine has only one mode", test: "TestPorts"},
		{name: "ports.name", target: "nothing", note: "for readers of the file", test: "TestPorts"}, {name: "ports.app_protocol", target: "nothing", note: "for readers of the file", test: "TestPorts"},
	}
}

func volumeRows() []docRow {
	const mounts, test = "HostConfig.Binds or Mounts", "TestVolumes"
	volume := func(config string) string {
		return "volumes: [{type: volume, source: data, target: /d, " + config + "}]"
	}
	bind := func(recursive string) string {
		return "volumes: [{type: bind, source: /s, target: /d, bind: {recursive: " + recursive + "}}]"
	}
	return []docRow{
		{name: "volumes.type", target: mounts, note: "bind, volume, tmpfs, npipe, or image (next row); `cluster` is refused", test: "TestVolumesRefused"},
		{name: "volumes.type: image", target: "HostConfig.Mounts", since: "1.48", note: "the source is an image or a service; the service's image is built or pulled first; a new image recreates the container",
			test: "TestMountedImagesAreMadeFirst", sample: "volumes: [{type: image, source: busybox, target: /d}]"},
		{name: "volumes.source", target: mounts, note: "relative to the compose file; with `-v`, relative to the working directory", test: test},
		{name: "volumes.target", target: mounts, test: test}, {name: "volumes.read_only", target: mounts, test: test}, {name: "volumes.consistency", target: mounts, test: test},
		{name: "volumes.bind.create_host_path", target: mounts, note: "`false`: a missing path is an error with the place in the file", test: "TestMissingFileWarning"},
		{name: "volumes.bind.propagation", target: mounts, test: test},
		{name: "volumes.bind.selinux", target: "HostConfig.Binds", note: "refused if another option needs HostConfig.Mounts", test: "TestVolumesRefused"},
		{name: "volumes.bind.recursive", target: "HostConfig.Mounts", note: "`enabled` and `disabled`; the other values are in the next rows", test: test},
		{name: "volumes.bind.recursive: readonly", target: "HostConfig.Mounts", since: "1.44", test: test, sample: bind("readonly")},
		{name: "volumes.bind.recursive: writable", target: "HostConfig.Mounts", since: "1.44", test: test, sample: bind("writable")},
		{name: "volumes.volume.nocopy", target: "HostConfig.Mounts", test: test}, {name: "volumes.volume.labels", target: "HostConfig.Mounts", test: test},
		{name: "volumes.volume.subpath", target: "HostConfig.Mounts", since: "1.45", test: test, sample: volume("volume: {subpath: s}")},
		{name: "volumes.tmpfs.size", target: "HostConfig.Mounts", test: test}, {name: "volumes.tmpfs.mode", target: "HostConfig.Mounts", test: test},
		{name: "volumes.image.subpath", target: "HostConfig.Mounts", since: "1.48", test: test,
			sample: "volumes: [{type: image, source: busybox, target: /d, image: {subpath: bin}}]"},
	}
}

func fileRows() []docRow {
	var rows []docRow
	for _, kind := range []string{"secrets", "configs"} {
		rows = append(rows,
			docRow{name: kind + ".source", target: "a mount of the file, or a copied file", note: "external sources and sources with a driver are refused: for Swarm only", test: "TestReferencesRefused"},
			docRow{name: kind + ".target", target: "the place in the container", test: "TestReferences"},
		)
		for _, part := range []string{"uid", "gid", "mode"} {
			rows = append(rows, docRow{name: kind + "." + part, target: "the copied file", note: "a warning if a file of the host is mounted", test: "TestReferenceWarnings"})
		}
	}
	return rows
}

func clientRows() []docRow {
	rows := []docRow{
		{name: "depends_on.*.condition", target: "the order of steps", test: "TestConditions"},
		{name: "depends_on.*.restart", target: "the order of steps", note: "after a container is recreated or restarted, its dependents are restarted", test: "TestRestartWithARecreatedDependency"},
		{name: "depends_on.*.required", target: "the order of steps", note: "`false`: a failure is a warning", test: "TestCheckLeavesAloneWhatRuns"},
		{name: "env_file.path", target: "loading", test: "TestAttributesOfTheLoader"}, {name: "env_file.required", target: "loading", test: "TestAttributesOfTheLoader"},
		{name: "env_file.format", target: "loading", note: "`raw` too", test: "TestAttributesOfTheLoader"},
		{name: "extends.file", target: "loading", test: "TestAttributesOfTheLoader"}, {name: "extends.service", target: "loading", test: "TestAttributesOfTheLoader"},
		{name: "develop.watch", target: "nothing", note: "the watch of Compose", test: "TestProcess"},
		{name: "provider.type", target: "refused", note: "like the whole attribute", test: "TestRefusedAttributes"},
		{name: "provider.options", target: "refused", note: "like the whole attribute", test: "TestRefusedAttributes"},
		{name: "models.*.endpoint_var", target: "refused", note: "like the whole attribute", test: "TestRefusedAttributes"},
		{name: "models.*.model_var", target: "refused", note: "like the whole attribute", test: "TestRefusedAttributes"},
	}
	for _, hook := range []struct{ name, target, test string }{
		{"post_start", "a command in the container", "TestPostStartAndPreStop"},
		{"pre_stop", "a command in the container", "TestPostStartAndPreStop"},
	} {
		for _, part := range []string{"command", "user", "privileged", "working_dir", "environment"} {
			rows = append(rows, docRow{name: hook.name + "." + part, target: hook.target, test: hook.test})
		}
	}
	return append(rows,
		docRow{name: "pre_start.per_replica", target: "refused", note: "Compose does not support it either", test: "TestPerReplicaIsRefused"},
	)
}
