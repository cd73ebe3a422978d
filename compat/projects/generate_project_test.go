package projects_test

import (
	"context"
	"fmt"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// peerServices are the services that generated services refer to. None is ever started, because all wait for the gate.
func peerServices() map[string]attributes {
	return map[string]attributes{
		"gate": {"image": "@image", "command": []any{"signals"}, "network_mode": "none", "stop_grace_period": "0s"},
		"alpha": {"image": "@image", "depends_on": gateDependency(), "volumes": []any{"data:/of/alpha", "/anonymous/of/alpha"},
			"ipc": "shareable"},
		"beta": {"image": "@image", "depends_on": gateDependency(), "container_name": "@project-of-beta", "networks": []any{"default", "back",
			"front"}},
		"gamma": {"image": "@image", "depends_on": gateDependency(), "scale": 2, "expose": []any{"80"}, "networks": []any{"default", "back",
			"front"}},
	}
}

// surroundings are the other sections of the file.
func (a *serviceGenerator) surroundings() map[string]any {
	return map[string]any{
		"networks": a.networkDefinitions(), "volumes": a.volumeDefinitions(),
		"secrets": map[string]any{"of_file": map[string]any{"file": "./secret.txt"},
			"of_environment": map[string]any{"environment": "SHELL_WORD"}},
		"configs": map[string]any{
			"of_file": map[string]any{"file": "./sub/config.ini"}, "of_environment": map[string]any{"environment": "SHELL_WORD"},
			"of_content": map[string]any{"content": a.word("text of ${SHELL_WORD}\n", "costs $$5", "äöü")},
		},
	}
}

// networkDefinitions define only three networks, because the engine's address pools are small.
func (a *serviceGenerator) networkDefinitions() map[string]any {
	definitions := map[string]any{"back": map[string]any{"ipam": map[string]any{"config": []any{map[string]any{"subnet": "@subnet.0/24"}}}}}
	front := map[string]any{}
	if a.happens(50) {
		front["driver"] = "bridge"
	}
	if a.happens(40) {
		front["driver_opts"] = map[string]any{"com.docker.network.bridge.enable_icc": a.choose("true", "false"),
			"com.docker.network.driver.mtu": a.choose(1400, "1300")}
	}
	if a.happens(40) {
		front["labels"] = a.labels()
	}
	if a.happens(30) {
		front["internal"] = a.choose(true, false)
	}
	if a.happens(30) {
		front["attachable"] = a.choose(true, false)
	}
	if a.happens(30) {
		front["name"] = "@project-renamed"
	}
	if a.happens(20) {
		front["ipam"] = map[string]any{"driver": "default", "options": map[string]any{"com.example.option": "1"}}
	}
	definitions["front"] = front
	if a.happens(50) {
		definitions["default"] = a.choose(nil, map[string]any{"labels": a.labels()}, map[string]any{"driver": "bridge",
			"enable_ipv6": false})
	}
	return definitions
}

func (a *serviceGenerator) volumeDefinitions() map[string]any {
	return map[string]any{
		"data": a.choose(nil, map[string]any{}, map[string]any{"driver": "local"}), "labelled": map[string]any{"labels": a.labels()},
		"options": map[string]any{"driver": "local", "driver_opts": map[string]any{"type": "tmpfs", "device": "tmpfs",
			"o": a.choose("size=1m", "size=2m,uid=1000")}},
		"renamed": map[string]any{"name": "@project-renamed", "labels": a.labels()}, "outside": map[string]any{"external": true,
			"name": "@project-outside"},
	}
}

// writeSurroundings writes the files that the services refer to.
func (p *project) writeSurroundings() {
	p.T.Helper()
	const seccomp = `{ "defaultAction": "SCMP_ACT_ALLOW", "comment": "<a & b>" }`
	for name, text := range map[string]string{
		".env":        "IN_DOTENV=of .env\n",
		"one.env":     "FROM_FILE=of one\nPLAIN=of one ${SHELL_WORD}\nQUOTED=\"two words\"\nBARE\nSHELL_WORD\n",
		"sub/two.env": "FROM_FILE='of $two'\nEMPTY=\n# a comment\nexport EXPORTED=1\n", "raw.env": "RAW=\"as it ${is}\"\nRAW_BARE\n",
		"one.labels": "of.file=one\nteam=of the file\n", "sub/two.labels": "of.file=two\nempty=\n", "secret.txt": "secret\n",
		"sub/config.ini": "a=1\n",
		"seccomp.json":   seccomp, "sub/seccomp.json": seccomp,
		"base.yaml": written(p.T, map[string]any{"services": map[string]any{
			"plain": attributes{"image": "@image", "environment": []any{"OF_BASE=1", "PLAIN=of base"},
				"labels": map[string]any{"team": "base"}},
			"measured": attributes{"image": "@image", "command": "echo base", "env_file": "sub/two.env",
				"volumes":     []any{"./sub:/of/base", "data:/data/base"},
				"healthcheck": map[string]any{"test": "false", "retries": 2}, "cap_add": []any{"NET_ADMIN"}, "expose": []any{"70"},
				"networks": map[string]any{"back": map[string]any{"aliases": []any{"base"}}}, "ulimits": map[string]any{"nofile": 100}},
		}}),
	} {
		p.Write(name, text)
	}
}

// createExternal makes the external container and volume that the services refer to.
func (p *project) createExternal() {
	p.T.Helper()
	name := p.Name + "-outside"
	config := &container.Config{Image: p.Placeholders.Replace("@image"), Volumes: map[string]struct{}{"/of/outside": {}}}
	made, err := p.Engine.ContainerCreate(p.T.Context(), client.ContainerCreateOptions{Name: name, Config: config})
	if err != nil {
		p.T.Fatal(err)
	}
	p.T.Cleanup(func() {
		_, err1 := p.Engine.ContainerRemove(context.Background(), made.ID, client.ContainerRemoveOptions{Force: true,
			RemoveVolumes: true})
		_, err2 := p.Engine.VolumeRemove(context.Background(), name, client.VolumeRemoveOptions{})
		if err1 != nil || err2 != nil {
			p.T.Error(fmt.Errorf("removing what is outside: %v, %v", err1, err2))
		}
	})
	if _, err := p.Engine.VolumeCreate(p.T.Context(), client.VolumeCreateOptions{Name: name}); err != nil {
		p.T.Fatal(err)
	}
}
