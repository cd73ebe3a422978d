package composeproject

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// Compose's own code computed the hashes. Apart from bind mounts, the hashes hold for compose-go v2.4 to v2.14.
func TestServiceHash(t *testing.T) {
	tests := map[string]struct{ service, hash string }{
		"image alone": {
			service: `{image: busybox}`,
			hash:    "2afd7866203dca40993313263173003833e9de9c3ad83f2f59484e32a5605234",
		},
		"escaped command, ports, and what is left out": {
			service: `
    image: busybox
    command: sh -c "echo <hi> && sleep 1"
    environment: {A: "1"}
    ports: ["8080:80"]
    depends_on: [db]
    profiles: [p]
    deploy: {replicas: 2}`,
			hash: "7da7ec387fd35e431b44b7b064baf981a1cde044690c307a54021edf16a86b90",
		},
		"volumes": {
			service: `{image: busybox, volumes: ["data:/data", /anon]}`,
			hash:    "12b16146bbedb6351e89a565d77ed6d779ee366a368c8e0e441f4cdc524921b9",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := selected(t, "services:\n  web: "+test.service+"\n  db: {image: busybox, profiles: [p]}\nvolumes: {data: }\n", "web")
			hash, err := ServiceHash(p.Model().Services["web"])
			if err != nil {
				t.Fatal(err)
			}
			if want := (Hash{Modern: test.hash, Legacy: test.hash}); hash != want {
				t.Errorf("got %+v\nwant %+v", hash, want)
			}
		})
	}
}

func TestResourceHashes(t *testing.T) {
	p := load(t, "services: {web: {image: busybox, volumes: ['data:/data']}}\nvolumes: {data: }\n")
	network, err := NetworkHash(p.Model().Networks["default"])
	if want := "60d2081d8acb435c64960cf2141fe6413360ece622758d02408d848450521332"; network != want || err != nil {
		t.Errorf("network: got %s, %v, want %s", network, err, want)
	}
	volume, err := VolumeHash(p.Model().Volumes["data"])
	if want := "006bce2dbd9950b37f32e91432e17f9d0556860e3ac4ab0e5b363ad1ccaf6dd9"; volume != want || err != nil {
		t.Errorf("volume: got %s, %v, want %s", volume, err, want)
	}
}

// The expected forms come from compose-go v2.9 and v2.14, for the same file.
func TestLegacyJSON(t *testing.T) {
	volumes := []types.ServiceVolumeConfig{
		{Type: "bind", Source: "/a", Target: "/a", Bind: &types.ServiceVolumeBind{CreateHostPath: true}},
		{Type: "bind", Source: "/b", Target: "/b", ReadOnly: true, Bind: &types.ServiceVolumeBind{SELinux: "z", Recursive: "disabled"}},
		{Type: "volume", Source: "data", Target: "/c", Volume: &types.ServiceVolumeVolume{}},
	}
	modern := `{"image":"x","volumes":[{"type":"bind","source":"/a","target":"/a","bind":{}},` +
		`{"type":"bind","source":"/b","target":"/b","read_only":true,"bind":{"selinux":"z","create_host_path":false,"recursive":"disabled"}},` +
		`{"type":"volume","source":"data","target":"/c","volume":{}}]}`
	want := `{"image":"x","volumes":[{"type":"bind","source":"/a","target":"/a","bind":{"create_host_path":true}},` +
		`{"type":"bind","source":"/b","target":"/b","read_only":true,"bind":{"selinux":"z","recursive":"disabled"}},` +
		`{"type":"volume","source":"data","target":"/c","volume":{}}]}`
	got, err := legacyJSON([]byte(modern), volumes)
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestHashMatches(t *testing.T) {
	p := selected(t, "services: {web: {image: busybox, volumes: ['/srv:/srv']}}")
	hash, err := ServiceHash(p.Model().Services["web"])
	if err != nil {
		t.Fatal(err)
	}
	if hash.Modern == hash.Legacy {
		t.Error("a bind mount gives the same hash in both forms")
	}
	for label, want := range map[string]bool{
		hash.Modern: true, hash.Legacy: true, "": false, strings.Repeat("0", 64): false,
	} {
		if got := hash.Matches(label); got != want {
			t.Errorf("Matches(%q) = %v", label, got)
		}
	}
	if (Hash{}).Matches("") {
		t.Error("no hash matches no label")
	}
}

// The hash must not change the given service.
func TestServiceHashLeavesTheServiceAlone(t *testing.T) {
	p := selected(t, "services: {web: {image: busybox, build: ., scale: 2, deploy: {replicas: 2}}}")
	s := p.Model().Services["web"]
	if _, err := ServiceHash(s); err != nil {
		t.Fatal(err)
	}
	if s.Build == nil || s.Scale == nil || s.Deploy.Replicas == nil {
		t.Errorf("the service was changed: %+v", s)
	}
}
