package docker

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/blkiodev"
	"github.com/moby/moby/api/types/container"
)

// cpuAttributes limit processor time. deploy comes later in the table than the older attributes, and wins.
func cpuAttributes() []attribute {
	return []attribute{
		{name: "cpu_count", target: "HostConfig.CPUCount", apply: infallible(func(m *mapper) {
			m.host.CPUCount = m.service.CPUCount
			if m.osType != windows { // the engine warns about cpu_percent only
				m.warn(attributeSubject("cpu_count"), "has no effect but on an engine of Windows")
			}
		})},
		{name: "cpu_percent", target: "HostConfig.CPUPercent, in hundredths",
			apply: infallible(func(m *mapper) { m.host.CPUPercent = int64(m.service.CPUPercent * 100) })},
		{name: "cpu_period", target: "HostConfig.CPUPeriod",
			apply: infallible(func(m *mapper) { m.host.CPUPeriod = m.service.CPUPeriod })},
		{name: "cpu_quota", target: "HostConfig.CPUQuota",
			apply: infallible(func(m *mapper) { m.host.CPUQuota = m.service.CPUQuota })},
		{name: "cpu_rt_period", target: "HostConfig.CPURealtimePeriod",
			apply: infallible(func(m *mapper) { m.host.CPURealtimePeriod = m.service.CPURTPeriod })},
		{name: "cpu_rt_runtime", target: "HostConfig.CPURealtimeRuntime",
			apply: infallible(func(m *mapper) { m.host.CPURealtimeRuntime = m.service.CPURTRuntime })},
		{name: "cpu_shares", target: "HostConfig.CPUShares",
			apply: infallible(func(m *mapper) { m.host.CPUShares = m.service.CPUShares })},
		{name: "cpuset", target: "HostConfig.CpusetCpus",
			apply: infallible(func(m *mapper) { m.host.CpusetCpus = m.service.CPUSet })},
		// The product is rounded as a float32, as in Compose: 0.1 becomes exactly 100000000.
		{name: "cpus", target: "HostConfig.NanoCPUs",
			apply: infallible(func(m *mapper) { m.host.NanoCPUs = int64(m.service.CPUS * 1e9) })},
	}
}

// memoryAttributes limit memory and the number of processes. They also include the parts of deploy for a single engine.
func memoryAttributes() []attribute {
	return []attribute{
		{name: "mem_limit", target: "HostConfig.Memory",
			apply: infallible(func(m *mapper) { m.host.Memory = int64(m.service.MemLimit) })},
		{name: "mem_reservation", target: "HostConfig.MemoryReservation",
			apply: infallible(func(m *mapper) { m.host.MemoryReservation = int64(m.service.MemReservation) })},
		{name: "memswap_limit", target: "HostConfig.MemorySwap",
			apply: infallible(func(m *mapper) { m.host.MemorySwap = int64(m.service.MemSwapLimit) })},
		// compose-go does not distinguish 0 from an absent value.
		{name: "mem_swappiness", target: "HostConfig.MemorySwappiness",
			apply: infallible(func(m *mapper) { m.host.MemorySwappiness = new(int64(m.service.MemSwappiness)) })},
		{name: "oom_kill_disable", target: "HostConfig.OomKillDisable",
			apply: infallible(func(m *mapper) { m.host.OomKillDisable = new(m.service.OomKillDisable) })},
		{name: "oom_score_adj", target: "HostConfig.OomScoreAdj",
			apply: infallible(func(m *mapper) { m.host.OomScoreAdj = int(m.service.OomScoreAdj) })},
		{name: "pids_limit", target: "HostConfig.PidsLimit",
			apply: infallible(func(m *mapper) { m.host.PidsLimit = new(m.service.PidsLimit) })},
		{name: "shm_size", target: "HostConfig.ShmSize",
			apply: infallible(func(m *mapper) { m.host.ShmSize = int64(m.service.ShmSize) })},
		{name: "storage_opt", target: "HostConfig.StorageOpt",
			apply: infallible(func(m *mapper) { m.host.StorageOpt = m.service.StorageOpt })},
		{name: "ulimits", target: "HostConfig.Ulimits",
			apply: infallible(func(m *mapper) { m.host.Ulimits = ulimits(m.service.Ulimits) })},
		{name: "blkio_config", target: "HostConfig.Blkio…", apply: infallible((*mapper).blkio)},
		{name: "deploy", target: "HostConfig: limits, reservations of memory and devices, restart_policy",
			apply: func(m *mapper) error {
				return deployMapper{m.reporter, &m.host}.mapDeploy(m.service.Deploy)
			}},
	}
}

// deviceAttributes give access to hardware.
func deviceAttributes() []attribute {
	return []attribute{
		{name: "devices", target: "HostConfig.Devices, or DeviceRequests where it is a CDI name",
			apply: infallible((*mapper).devices)},
		{name: "device_cgroup_rules", target: "HostConfig.DeviceCgroupRules",
			apply: infallible(func(m *mapper) { m.host.DeviceCgroupRules = m.service.DeviceCgroupRules })},
		{name: "gpus", target: "HostConfig.DeviceRequests", apply: infallible(func(m *mapper) {
			for _, gpu := range m.service.Gpus {
				gpu.Capabilities = append(slices.Clone(gpu.Capabilities), "gpu")
				m.host.DeviceRequests = append(m.host.DeviceRequests, deviceRequest(gpu))
			}
		})},
	}
}

func ulimits(limits map[string]*types.UlimitsConfig) []*container.Ulimit {
	var list []*container.Ulimit
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		u := limits[name]
		limit := &container.Ulimit{Name: name, Soft: int64(u.Soft), Hard: int64(u.Hard)}
		if u.Single != 0 {
			limit.Soft, limit.Hard = int64(u.Single), int64(u.Single)
		}
		list = append(list, limit)
	}
	return list
}

func (m *mapper) blkio() {
	b := m.service.BlkioConfig
	m.host.BlkioWeight = b.Weight
	for _, d := range b.WeightDevice {
		m.host.BlkioWeightDevice = append(m.host.BlkioWeightDevice, &blkiodev.WeightDevice{Path: d.Path, Weight: d.Weight})
	}
	m.host.BlkioDeviceReadBps = throttles(b.DeviceReadBps)
	m.host.BlkioDeviceReadIOps = throttles(b.DeviceReadIOps)
	m.host.BlkioDeviceWriteBps = throttles(b.DeviceWriteBps)
	m.host.BlkioDeviceWriteIOps = throttles(b.DeviceWriteIOps)
}

func throttles(devices []types.ThrottleDevice) []*blkiodev.ThrottleDevice {
	var list []*blkiodev.ThrottleDevice
	for _, d := range devices {
		list = append(list, &blkiodev.ThrottleDevice{Path: d.Path, Rate: uint64(d.Rate)})
	}
	return list
}

// devices separates device files from names of the Container Device Interface. Such a name means hardware and has no
// path.
func (m *mapper) devices() {
	cdiName := regexp.MustCompile(`^[A-Za-z][\w.-]*/[A-Za-z][\w.-]*=[\w.:-]+$`)
	var cdi []string
	for _, d := range m.service.Devices {
		if d.Source == d.Target && cdiName.MatchString(d.Source) {
			cdi = append(cdi, d.Source)
			continue
		}
		m.host.Devices = append(m.host.Devices, container.DeviceMapping{
			PathOnHost: d.Source, PathInContainer: d.Target, CgroupPermissions: d.Permissions,
		})
	}
	if len(cdi) > 0 {
		m.host.DeviceRequests = append(m.host.DeviceRequests, container.DeviceRequest{Driver: "cdi", DeviceIDs: cdi})
	}
}

func deviceRequest(d types.DeviceRequest) container.DeviceRequest {
	return container.DeviceRequest{
		Driver: d.Driver, Count: int(d.Count), DeviceIDs: d.IDs, Capabilities: [][]string{d.Capabilities}, Options: d.Options,
	}
}

// deployMapper maps the deploy section of a service.
type deployMapper struct {
	*reporter
	host *container.HostConfig
}

// mapDeploy maps the parts of deploy for a single engine. The other parts are for an orchestrator. Compose ignores them
// silently. tasks adds a warning.
func (m deployMapper) mapDeploy(d *types.DeployConfig) error {
	if limits := d.Resources.Limits; limits != nil {
		m.limits(limits)
	}
	if reservations := d.Resources.Reservations; reservations != nil {
		m.reservations(reservations)
	}
	m.warnSwarmOnly(d)
	if d.RestartPolicy == nil {
		return nil
	}
	return m.deployRestart(d.RestartPolicy)
}

func (m deployMapper) limits(r *types.Resource) {
	if r.NanoCPUs != 0 {
		m.host.NanoCPUs = int64(r.NanoCPUs * 1e9)
	}
	if r.MemoryBytes != 0 {
		m.host.Memory = int64(r.MemoryBytes)
	}
	if r.Pids != 0 {
		m.host.PidsLimit = new(r.Pids)
	}
}

func (m deployMapper) reservations(r *types.Resource) {
	if r.MemoryBytes != 0 {
		m.host.MemoryReservation = int64(r.MemoryBytes)
	}
	for _, d := range r.Devices {
		m.host.DeviceRequests = append(m.host.DeviceRequests, deviceRequest(d))
	}
	if r.NanoCPUs != 0 || len(r.GenericResources) > 0 {
		m.warn(attributeSubject("deploy"),
			"reservations of cpus and generic_resources are ignored: an engine by itself cannot reserve them")
	}
}

func (m deployMapper) deployRestart(p *types.RestartPolicy) error {
	mode, err := restartMode(p.Condition)
	if err != nil {
		return atPart(fmt.Errorf("restart_policy: %w", err), "restart_policy", "condition")
	}
	m.host.RestartPolicy = container.RestartPolicy{Name: mode}
	if p.MaxAttempts != nil {
		m.host.RestartPolicy.MaximumRetryCount = int(*p.MaxAttempts)
	}
	if p.Delay != nil || p.Window != nil {
		m.warn(attributeSubject("deploy"), "delay and window of restart_policy are ignored: they are for Swarm")
	}
	return nil
}

func (m deployMapper) warnSwarmOnly(d *types.DeployConfig) {
	placed := len(d.Placement.Constraints) > 0 || len(d.Placement.Preferences) > 0 || d.Placement.MaxReplicas != 0
	updated := d.UpdateConfig != nil || d.RollbackConfig != nil
	if placed || updated || d.Mode != "" || len(d.Labels) > 0 || d.EndpointMode != "" {
		m.warn(attributeSubject("deploy"), "mode, labels, update_config, rollback_config, placement and endpoint_mode "+
			"are ignored: they are for Swarm")
	}
}
