package docker

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

// newest is an API version with every feature.
const newest apiVersion = "1.56"

// mapping is one row: attributes of a service, and the sent configuration.
type mapping struct{ attributes, want string }

func checkMappings(t *testing.T, tests map[string]mapping, more ...string) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, test.attributes, more...)
			want := strings.ReplaceAll(test.want, "DIR", spec.ProjectDir)
			if diff := cmp.Diff(parsed(t, want), sent(t, created(t, spec, newest))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// refusal is one row: a refused attribute, the first API version with the attribute, and the error.
type refusal struct {
	attributes string
	api        apiVersion
	want       string
}

func checkRefusals(t *testing.T, tests map[string]refusal, more ...string) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			api := test.api
			if api == "" {
				api = newest
			}
			_, err := createOptions(specOf(t, test.attributes, more...), api)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// A new attribute of compose-go fails this test until the table has the attribute.
func TestEveryAttributeIsInTheTable(t *testing.T) {
	var known []string
	for _, a := range attributes() {
		if slices.Contains(known, a.name) {
			t.Errorf("%s is in the table twice", a.name)
		}
		known = append(known, a.name)
		if (a.target == "") == (a.refusal == "") {
			t.Errorf("%s must either go somewhere or be refused", a.name)
		}
		if a.since != "" && engineVersionOf(a.since) == "" {
			t.Errorf("%s: no engine is known for API %s", a.name, a.since)
		}
	}
	var fields []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[types.ServiceConfig]()) {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "-" || name == "#extensions" || field.Anonymous {
			continue
		}
		fields = append(fields, name)
	}
	slices.Sort(known)
	slices.Sort(fields)
	if diff := cmp.Diff(fields, known); diff != "" {
		t.Errorf("-compose-go +table:\n%s", diff)
	}
}

// Every mapped attribute must change the request. A function without effect would drop the attribute.
func TestEveryMappedAttributeIsSent(t *testing.T) {
	plain := sent(t, created(t, specOf(t, "init: false\n"), newest))
	for _, a := range attributes() {
		// The schema of compose files no longer has volume_driver, but compose-go's type has.
		if a.apply == nil || a.name == "volume_driver" {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			attributes, ok := samples()[a.name]
			if !ok {
				t.Fatal("add a sample")
			}
			made := created(t, specOf(t, attributes), newest)
			same := cmp.Equal(plain, sent(t, made)) && made.options.Platform == nil &&
				made.options.NetworkingConfig != nil && !hasMAC(made)
			if same {
				t.Errorf("nothing is sent for %s", attributes)
			}
		})
	}
}

func hasMAC(made createRequest) bool {
	for _, e := range made.options.NetworkingConfig.EndpointsConfig {
		if len(e.MacAddress) > 0 {
			return true
		}
	}
	return false
}

// samples has a value for each attribute with a function.
func samples() map[string]string {
	samples := map[string]string{}
	for sample := range strings.Lines(`platform: linux/arm64
annotations: {a: b}
command: [a]
entrypoint: [a]
environment: {A: b}
user: "1"
working_dir: /w
hostname: h
domainname: d
init: true
stop_signal: SIGINT
stop_grace_period: 3s
restart: always
healthcheck: {test: [CMD, x]}
cgroup: host
cgroup_parent: c
ipc: host
pid: host
uts: host
userns_mode: host
umask: 0o77
isolation: hyperv
runtime: runc
cap_add: [A]
cap_drop: [A]
group_add: [g]
privileged: true
read_only: true
security_opt: [a=b]
credential_spec: {file: a}
sysctls: {a: b}
cpu_count: 1
cpu_percent: 1
cpu_period: 1
cpu_quota: 1
cpu_rt_period: 1
cpu_rt_runtime: 1
cpu_shares: 1
cpuset: "0"
cpus: 1
mem_limit: 1m
mem_reservation: 1m
memswap_limit: 1m
mem_swappiness: 1
oom_kill_disable: true
oom_score_adj: 1
pids_limit: 1
shm_size: 1m
storage_opt: {a: b}
ulimits: {nofile: 1}
blkio_config: {weight: 1}
deploy: {resources: {limits: {cpus: "1"}}}
devices: ["/dev/null"]
device_cgroup_rules: ["c 1:3 mr"]
gpus: all
logging: {driver: none}
network_mode: host
mac_address: 02:42:ac:11:00:02
external_links: [x]
ports: ["80"]
expose: [80]
dns: 1.1.1.1
dns_opt: [x]
dns_search: [x]
extra_hosts: ["a:1.1.1.1"]
volumes_from: ["container:x"]
tmpfs: [/t]
`) {
		name, _, _ := strings.Cut(sample, ":")
		samples[name] = sample
	}
	return samples
}

func TestRefusedAttributes(t *testing.T) {
	value := func(s types.ServiceConfig, name string) types.ServiceConfig {
		for _, field := range reflect.VisibleFields(reflect.TypeFor[types.ServiceConfig]()) {
			if tag, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); tag == name && !field.Anonymous {
				v := reflect.ValueOf(&s).Elem().FieldByIndex(field.Index)
				v.Set(someValue(v.Type()))
			}
		}
		return s
	}
	for _, a := range attributes() {
		if a.refusal == "" {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			spec := specOf(t, "hostname: x")
			spec.Service = value(spec.Service, a.name)
			_, err := createOptions(spec, newest)
			if want := "service web: " + a.name + ": " + a.refusal; err == nil || err.Error() != want {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
}

// someValue returns any value of a type but zero.
func someValue(t reflect.Type) reflect.Value {
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.New(t.Elem())
	case reflect.Slice:
		return reflect.MakeSlice(t, 1, 1)
	case reflect.Map:
		return reflect.MakeMap(t)
	case reflect.Bool:
		return reflect.ValueOf(true)
	default:
		return reflect.ValueOf("x").Convert(t)
	}
}

func TestTooOldAPI(t *testing.T) {
	checkRefusals(t, map[string]refusal{
		"platform": {"platform: linux/arm64", "1.40",
			"service web: platform: needs Docker Engine 20.10 (API 1.41), and this one speaks API 1.40"},
		"umask":       {"umask: '077'", "1.55", "service web: umask: needs Docker Engine 29.8 (API 1.56)"},
		"cgroup":      {"cgroup: host", "1.40", "service web: cgroup: needs Docker Engine 20.10 (API 1.41)"},
		"annotations": {"annotations: {a: b}", "1.42", "service web: annotations: needs Docker Engine 24.0 (API 1.43)"},
		"mac_address": {"mac_address: 02:42:ac:11:00:02", "1.43", "service web: mac_address: needs Docker Engine 25.0 (API 1.44)"},
		"network's mac_address": {"networks: {default: {mac_address: '02:42:ac:11:00:02'}}", "1.43",
			"service web: networks.default.mac_address: needs Docker Engine 25.0 (API 1.44)"},
		"gw_priority": {"networks: {default: {gw_priority: 1}}", "1.47",
			"service web: networks.default.gw_priority: needs Docker Engine 28.0 (API 1.48)"},
		"interface_name": {"networks: {default: {interface_name: eth7}}", "1.48",
			"service web: networks.default.interface_name: needs Docker Engine 28.1 (API 1.49)"},
		"subpath": {"volumes: [{type: volume, source: data, target: /d, volume: {subpath: s}}]", "1.44",
			"service web: volumes: /d: volume.subpath needs Docker Engine 26.0 (API 1.45)"},
		"image": {"volumes: [{type: image, source: busybox, target: /d}]", "1.47",
			"service web: volumes: /d: type image needs Docker Engine 28.0 (API 1.48)"},
		"recursive": {"volumes: [{type: bind, source: /s, target: /d, bind: {recursive: readonly}}]", "1.43",
			"service web: volumes: /d: bind.recursive: readonly needs Docker Engine 25.0 (API 1.44)"},
	}, "volumes: {data: }")
}

// All mistakes are reported at once.
func TestAllErrorsAtOnce(t *testing.T) {
	_, err := createOptions(specOf(t, "dns: nowhere\nsecurity_opt: [x]\nrestart: sometimes"), newest)
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"dns: ", "security_opt: ", "restart: "} {
		if !strings.Contains(err.Error(), "service web: "+part) {
			t.Errorf("%s is missing in: %v", part, err)
		}
	}
}

func TestCreateOptionsChangesNothing(t *testing.T) {
	spec := specOf(t, "networks: {default: {driver_opts: {a: b}, interface_name: eth7}}\nmac_address: 02:42:ac:11:00:02\n"+
		"gpus: all\nvolumes: [/anon, './x:/x']\nextra_hosts: ['a:1.1.1.1', 'b:2.2.2.2']")
	before, _ := json.Marshal(spec)
	first := sent(t, created(t, spec, newest))
	second := sent(t, created(t, spec, newest))
	after, _ := json.Marshal(spec)
	if string(before) != string(after) {
		t.Errorf("before %s\nafter  %s", before, after)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("twice the same gives another:\n%s", diff)
	}
}
