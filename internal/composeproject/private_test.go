package composeproject

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

const privateSource = `
name: shop
services:
  db:
    image: postgres
    container_name: the-db
    ports: ["127.0.0.1:5432:5432", "9000-9001:9000-9001"]
    networks:
      back: {ipv4_address: 10.9.0.5, ipv6_address: "2001:db8::5", aliases: [store]}
      shared: {ipv4_address: 10.8.0.5}
    volumes: [data:/data, named:/named, theirs:/theirs, ./files:/files]
  web:
    build: .
    networks: [back]
networks:
  back:
    name: the-back
    driver_opts: {com.docker.network.bridge.name: br-shop, other: kept}
    ipam: {driver: default, config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1}]}
  shared: {external: true, name: corp}
volumes:
  data:
  named: {name: the-volume, driver_opts: {type: tmpfs}}
  theirs: {external: true}
`

func TestPrivate(t *testing.T) {
	p := selected(t, privateSource, "db", "web")
	before := show(p)
	own := p.PrivateCopy("shop-1a2b3c4d", map[string]string{"tasks.of": "shop"})

	db := own.Model().Services["db"]
	if db.ContainerName != "" || own.ContainerName(db, 1) != "shop-1a2b3c4d-db-1" {
		t.Errorf("the container is called %s", own.ContainerName(db, 1))
	}
	var ports []types.ServicePortConfig
	for _, port := range p.Model().Services["db"].Ports {
		port.Published = ""
		ports = append(ports, port)
	}
	if diff := cmp.Diff(ports, db.Ports); diff != "" {
		t.Errorf("ports:\n%s", diff)
	}
	wantNetworks := map[string]*types.ServiceNetworkConfig{"back": {Aliases: []string{"store", "the-db"}}, "shared": {Aliases: []string{"the-db"}}}
	if diff := cmp.Diff(wantNetworks, db.Networks); diff != "" {
		t.Errorf("the service in its networks:\n%s", diff)
	}
	wantNetwork := types.NetworkConfig{
		Name: "shop-1a2b3c4d_back", DriverOpts: types.Options{"other": "kept"},
	}
	if diff := cmp.Diff(wantNetwork, own.Model().Networks["back"]); diff != "" {
		t.Errorf("network:\n%s", diff)
	}
	for key, want := range map[string]string{"back": "shop-1a2b3c4d_back", "shared": "corp", "default": "shop-1a2b3c4d_default"} {
		if got := own.NetworkName(key); got != want {
			t.Errorf("network %s is called %s", key, got)
		}
	}
	for key, want := range map[string]string{"data": "shop-1a2b3c4d_data", "named": "shop-1a2b3c4d_named", "theirs": "theirs", "new": "shop-1a2b3c4d_new"} {
		if got := own.VolumeName(key); got != want {
			t.Errorf("volume %s is called %s", key, got)
		}
		if got := own.WithVolumes([]string{key}).VolumeName(key); got != want {
			t.Errorf("volume %s is called %s once a task mounts it", key, got)
		}
	}
	if v := own.Model().Volumes["named"]; v.DriverOpts["type"] != "tmpfs" {
		t.Errorf("the volume's configuration is %v", v)
	}
	if after := show(p); after != before {
		t.Errorf("the original has changed:\n%s", cmp.Diff(before, after))
	}
}

// TestPrivateImages checks that a private project runs and builds the images of the original.
func TestPrivateImages(t *testing.T) {
	p := selected(t, privateSource, "web")
	own := p.PrivateCopy("shop-1a2b3c4d", map[string]string{"tasks.of": "shop"})
	web := own.Model().Services["web"]
	if got := own.ImageName(web); got != "shop-web" {
		t.Errorf("the image is called %s", got)
	}
	if diff := cmp.Diff(p.Labels().Image(p.Model().Services["web"]), own.Labels().Image(web)); diff != "" {
		t.Errorf("labels of the image:\n%s", diff)
	}
	if p.IsPrivate() || !own.IsPrivate() || p.OriginalName() != "shop" || own.OriginalName() != "shop" {
		t.Errorf("%s is a copy of %s, %s of %s", own.Name(), own.OriginalName(), p.Name(), p.OriginalName())
	}
}

// TestPrivateLabels checks that all resources have the private labels, and that no hash covers the labels.
func TestPrivateLabels(t *testing.T) {
	p := selected(t, privateSource, "db")
	own, plain := p.PrivateCopy("shop-1", map[string]string{"tasks.of": "shop"}), p.PrivateCopy("shop-1", nil)
	s := own.Model().Services["db"]
	hash, err := ServiceHash(s)
	if err != nil {
		t.Fatal(err)
	}
	networks, err := own.Labels().Network("back")
	if err != nil {
		t.Fatal(err)
	}
	volumes, err := own.Labels().Volume("data")
	if err != nil {
		t.Fatal(err)
	}
	for what, labels := range map[string]map[string]string{
		"service": own.Labels().Service(s, 1, hash, ""), "one-off": own.Labels().OneOff(s, "slug", hash, ""),
		"hook": own.Labels().Hook(s, 0), "network": networks, "volume": volumes,
	} {
		if labels["tasks.of"] != "shop" || labels[LabelProject] != "shop-1" {
			t.Errorf("%s has %v", what, labels)
		}
	}
	if same, err := ServiceHash(plain.Model().Services["db"]); err != nil || same != hash {
		t.Errorf("hash %v with labels, %v without (%v)", hash, same, err)
	}
	if labels, err := plain.Labels().Network("back"); err != nil || labels[LabelConfigHash] != networks[LabelConfigHash] {
		t.Errorf("the network's hash covers the labels (%v)", err)
	}
}
