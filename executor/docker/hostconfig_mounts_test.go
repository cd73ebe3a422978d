package docker

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/mount"
)

func TestVolumes(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"folders of the host": {
			"volumes: ['./x:/x', '/abs:/y:ro', '/z:/z:ro,Z', '/s:/s:rshared']",
			`{"Binds": ["DIR/x:/x:rw", "/abs:/y:ro", "/z:/z:ro,Z", "/s:/s:rw,rshared"]}`,
		},
		"a folder that must exist": {
			"volumes: [{type: bind, source: ./x, target: /x, read_only: true, bind: {create_host_path: false}}]",
			`{"Mounts": [{"Type": "bind", "Source": "DIR/x", "Target": "/x", "ReadOnly": true, "BindOptions": {}}]}`,
		},
		"a bind that is not recursive": {
			"volumes: [{type: bind, source: /x, target: /x, bind: {recursive: disabled, propagation: rslave}}]",
			`{"Mounts": [{"Type": "bind", "Source": "/x", "Target": "/x",
				"BindOptions": {"Propagation": "rslave", "NonRecursive": true, "CreateMountpoint": true}}]}`,
		},
		"read-only all the way down, or not": {
			"volumes: [{type: bind, source: /x, target: /x, bind: {recursive: readonly}}, {type: bind, source: /y, target: /y, bind: {recursive: writable}}]",
			`{"Mounts": [
				{"Type": "bind", "Source": "/x", "Target": "/x", "BindOptions": {"CreateMountpoint": true, "ReadOnlyForceRecursive": true}},
				{"Type": "bind", "Source": "/y", "Target": "/y", "BindOptions": {"CreateMountpoint": true, "ReadOnlyNonRecursive": true}}]}`,
		},
		"a colon in a path": {
			"volumes: [{type: bind, source: '/a:b', target: /x}]",
			`{"Mounts": [{"Type": "bind", "Source": "/a:b", "Target": "/x", "BindOptions": {"CreateMountpoint": true}}]}`,
		},
		"a drive of Windows": {`volumes: ['c:\src:d:\dst']`, `{"Binds": ["c:\\src:d:\\dst:rw"]}`},
		"consistency":        {"volumes: [{type: bind, source: /x, target: /x, consistency: cached}]", `{"Binds": ["/x:/x:rw,cached"]}`},
		"named volumes": {
			"volumes: ['data:/data', 'far:/far:ro', 'data:/more:z']",
			`{"Binds": ["p_data:/data:rw", "elsewhere:/far:ro", "p_data:/more:rw,z"]}`,
		},
		"a named volume with options": {
			"volumes: [{type: volume, source: data, target: /d, volume: {nocopy: true, subpath: s, labels: {a: b}}}]",
			`{"Mounts": [{"Type": "volume", "Source": "p_data", "Target": "/d", "VolumeOptions": {"NoCopy": true, "Subpath": "s", "Labels": {"a": "b"}}}]}`,
		},
		"an anonymous volume": {"volumes: [/data]", `{"Mounts": [{"Type": "volume", "Target": "/data"}]}`},
		"a tmpfs": {
			"volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0o755}}, {type: tmpfs, target: /u}]",
			`{"Mounts": [{"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 1048576, "Mode": 493}}, {"Type": "tmpfs", "Target": "/u"}]}`,
		},
		"a tmpfs in short": {"tmpfs: [/t, '/u:size=1m,mode=755']", `{"Tmpfs": {"/t": "", "/u": "size=1m,mode=755"}}`},
		"an image": {
			"volumes: [{type: image, source: busybox, target: /i, image: {subpath: bin}}]",
			`{"Mounts": [{"Type": "image", "Source": "busybox", "Target": "/i", "ImageOptions": {"Subpath": "bin"}}]}`,
		},
		"a pipe of Windows":         {`volumes: [{type: npipe, source: '\\.\pipe\x', target: '\\.\pipe\x'}]`, `{"Mounts": [{"Type": "npipe", "Source": "\\\\.\\pipe\\x", "Target": "\\\\.\\pipe\\x"}]}`},
		"volumes of another":        {"volumes_from: ['container:other']", `{"VolumesFrom": ["container:other"]}`},
		"a folder that is declared": {"volumes: ['./data:/data']", `{"Binds": ["DIR/data:/data:rw"]}`},
	}, "volumes: {data: , far: {external: true, name: elsewhere}}")
}

func TestVolumesRefused(t *testing.T) {
	checkRefusals(t, map[string]refusal{
		"a label that cannot be said": {
			"volumes: [{type: bind, source: /x, target: /x, bind: {selinux: z, create_host_path: false}}]", "",
			"service web: volumes: /x: selinux cannot go with create_host_path: false",
		},
		"a label on a special volume": {
			"volumes: ['data:/x:z,nocopy']", "", "service web: volumes: /x: selinux and propagation go with a declared volume only",
		},
		"a cluster volume": {"volumes: [{type: cluster, source: x, target: /x}]", "", `service web: volumes: /x: type "cluster" is not supported`},
		"a tmpfs from":     {"volumes: [{type: tmpfs, source: x, target: /x}]", "", `service web: volumes: /x: a tmpfs has no source, and this one has "x"`},
	}, "volumes: {data: }")
	spec := specOf(t, "hostname: x")
	spec.Service.Volumes = []types.ServiceVolumeConfig{{
		Type: "bind", Source: "/x", Target: "/x", Bind: &types.ServiceVolumeBind{Recursive: "sometimes"},
	}}
	if _, err := createOptions(spec, newest); err == nil || !strings.Contains(err.Error(), `bind.recursive: "sometimes" is none of`) {
		t.Errorf("got %v", err)
	}
}

func TestOptionsOfAnotherTypeAreToldOf(t *testing.T) {
	made := created(t, specOf(t, "volumes: [{type: bind, source: /x, target: /x, volume: {nocopy: true}}]"), newest)
	want := []string{"service web: volumes: /x: the options under volume do nothing for type bind"}
	if diff := cmp.Diff(want, made.warnings); diff != "" {
		t.Error(diff)
	}
}

func TestUndeclaredVolumeGoesByItsName(t *testing.T) {
	spec := specOf(t, "hostname: x")
	spec.Service.Volumes = []types.ServiceVolumeConfig{{Type: "volume", Source: "literal", Target: "/x"}}
	want := []mount.Mount{{Type: "volume", Source: "literal", Target: "/x"}}
	if diff := cmp.Diff(want, created(t, spec, newest).options.HostConfig.Mounts); diff != "" {
		t.Error(diff)
	}
}

func TestLastVolumeOfATargetWins(t *testing.T) {
	spec := specOf(t, "volumes: ['/a:/x', '/b:/y']")
	spec.Service.Volumes = append(spec.Service.Volumes, types.ServiceVolumeConfig{Type: "bind", Source: "/c", Target: "/x/"})
	want := []string{"/c:/x/:rw", "/b:/y:rw"}
	if diff := cmp.Diff(want, created(t, spec, newest).options.HostConfig.Binds); diff != "" {
		t.Error(diff)
	}
}

func TestInherit(t *testing.T) {
	spec := specOf(t, "volumes: [/anon, 'data:/data', '/fresh']", "volumes: {data: }")
	spec.Inherit = map[string]string{"/anon/": "v-anon", "/image2": "v-image2", "/image1": "v-image1", "/data": "v-old"}
	host := created(t, spec, newest).options.HostConfig
	want := []mount.Mount{
		{Type: "volume", Source: "v-anon", Target: "/anon"},
		{Type: "volume", Target: "/fresh"},
		{Type: "volume", Source: "v-image1", Target: "/image1"},
		{Type: "volume", Source: "v-image2", Target: "/image2"},
	}
	if diff := cmp.Diff(want, host.Mounts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"p_data:/data:rw"}, host.Binds); diff != "" {
		t.Error(diff)
	}
}
