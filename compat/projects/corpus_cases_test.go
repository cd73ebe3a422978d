package projects_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// merges are pairs of files with the merge rules of Compose v5.6: a base for services.web, and an override.
func merges() map[string][2]string {
	pairs := map[string][2]string{
		"ulimits: soft over soft and hard":      {"ulimits: {nofile: {soft: 10, hard: 20}}", "ulimits: {nofile: {soft: 15, hard: 20}}"},
		"ulimits: a number over soft and hard":  {"ulimits: {nofile: {soft: 10, hard: 20}}", "ulimits: {nofile: 30}"},
		"ulimits: only soft":                    {"ulimits: {nofile: {soft: 10, hard: 20}}", "ulimits: {nofile: {soft: 15}}"},
		"environment: last entry of a key":      {"environment: [MODE=release]", "environment: [MODE=debug, MODE=release]"},
		"labels: a list over a mapping":         {"labels: {a: b, c: d}", "labels: [c=d, a=x]"},
		"x-develop":                             {"x-develop: {watch: [{path: ., action: rebuild}]}", "labels: {a: b}"},
		"develop over x-develop":                {"x-develop: {watch: [{path: ., action: rebuild}]}", "develop: {watch: [{path: ./sub, action: rebuild}]}"},
		"x-initialSync":                         {"develop: {watch: [{path: ., target: /t, action: sync, x-initialSync: true}]}", "labels: {a: b}"},
		"x-initialSync in x-develop":            {"x-develop: {watch: [{path: ., target: /t, action: sync, x-initialSync: true}]}", "labels: {a: b}"},
		"reset of x-develop":                    {"x-develop: {watch: [{path: ., action: rebuild}]}", "x-develop: !reset null"},
		"pre_start of a whole container":        {"cap_add: [NET_ADMIN]\n    pre_start: [{command: x, cap_add: [SYS_TIME], mem_limit: 32m, tmpfs: [/t]}]", "environment: {A: b}"},
		"pre_start with lists and short forms":  {"dns: 1.1.1.1\n    pre_start: [{command: x, env_file: one.env, dns: [1.1.1.1], networks: [default], ulimits: {nofile: 3}}]", "labels: {a: b}"},
		"pre_start in both files":               {"pre_start: [{command: x}]", "pre_start: [{command: x}, {command: [y], image: other}]"},
		"pre_start under env_file":              {"env_file: [one.env]\n    label_file: [one.labels]\n    pre_start: [{command: x}]", "labels: {a: b}"},
		"placement in short and long form":      {"deploy: {placement: {constraints: [a==b], preferences: [{spread: x}]}}", "deploy: {placement: {constraints: [a==b, c==d]}}"},
		"logging: options of the same driver":   {"logging: {driver: local, options: {a: b}}", "logging: {options: {c: d}}"},
		"extra_hosts: equal and other":          {"extra_hosts: ['a:1.1.1.1']", "extra_hosts: ['a:1.1.1.1', 'b:2.2.2.2']"},
		"override of a list":                    {"security_opt: [a=b]", "security_opt: !override [a=b, c=d]"},
		"null networks, depends_on and logging": {"networks: {default: }", "networks: "},
	}
	for attribute, value := range equalEntries() {
		pairs["equal "+attribute] = [2]string{attribute + ": " + value, attribute + ": " + value}
	}
	return pairs
}

// equalEntries are lists for both files.
func equalEntries() map[string]string {
	return map[string]string{
		"security_opt": "[a=b, 'label:user:U']", "group_add": "[mail, 100]", "device_cgroup_rules": "['c 1:3 mr']",
		"external_links": "[other, 'more:m']", "volumes_from": "[db, 'db:ro']", "gpus": "[{driver: nvidia, count: 1}]",
		"label_file": "[one.labels]", "pre_stop": "[{command: x}]", "post_start": "[{command: [x, y]}]",
		"deploy": "{placement: {constraints: [a==b]}}", "cap_add": "[ALL]", "cap_drop": "[ALL, KILL]", "dns": "[1.1.1.1]",
		"dns_opt": "[ndots:1]", "dns_search": "x.example", "tmpfs": "[/a, /b]", "expose": "[80, '81']", "env_file": "one.env",
		"devices": "['/dev/null:/dev/x']", "links": "[db]", "ports": "['80:80', 81]", "volumes": "['data:/d', ./sub:/s]",
		"secrets": "[of_file]", "configs": "[{source: of_file, target: /c}]", "sysctls": "[net.a=1]", "annotations": "[a=b]",
		"blkio_config": "{device_read_bps: [{path: /dev/x, rate: 1m}]}", "profiles": "[extra]", "storage_opt": "{size: 1g}",
	}
}

// TestMerges compares the hash of all pairs: once as two files of the command line, once as extends.
func TestMerges(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	const others = "  db: {image: x}\nvolumes: {data: }\nsecrets: {of_file: {file: ./secret.txt}}\nconfigs: {of_file: {file: ./sub/config.ini}}\n"
	base, over, extends := "services:\n", "services:\n", "services:\n"
	for i, name := range slices.Sorted(maps.Keys(merges())) {
		pair := merges()[name]
		t.Logf("service s%d: %s", i, name)
		base += fmt.Sprintf("  s%d:\n    image: x\n    %s\n", i, pair[0])
		over += fmt.Sprintf("  s%d:\n    %s\n", i, pair[1])
		extends += fmt.Sprintf("  s%d:\n    extends: {file: base.yaml, service: s%d}\n    %s\n", i, i, pair[1])
	}
	p := (&corpus{t: t}).project(t.TempDir())
	p.expectSameHashes("in two files", wholeProject{
		files: map[string]string{"compose.yaml": base + others, "over.yaml": over}, named: []string{"compose.yaml", "over.yaml"},
		profiles: []string{"extra"},
	}, false)
	p.expectSameHashes("by extends", wholeProject{
		files: map[string]string{"compose.yaml": extends + others, "base.yaml": base + others}, profiles: []string{"extra"},
	}, false)
}

// TestIncludesAndProfiles compares projects with other shapes.
func TestIncludesAndProfiles(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	const base = "services: {base: {image: x, security_opt: [a=b], ports: ['80:80'], pre_stop: [{command: x}]}}\n"
	p := (&corpus{t: t}).project(t.TempDir())
	for name, files := range map[string]map[string]string{
		"two includes of one base": {
			"compose.yaml": "include: [a.yaml, b.yaml]\nservices: {web: {image: x}}\n", "base.yaml": base,
			"a.yaml": "include: [base.yaml]\nservices: {a: {image: x}}\n", "b.yaml": "include: [base.yaml]\nservices: {b: {image: x}}\n",
		},
		"an include twice": {"compose.yaml": "include: [base.yaml, ./base.yaml]\nservices: {web: {image: x}}\n", "base.yaml": base},
		"a context of an inactive profile": {"compose.yaml": "services:\n  web: {build: {context: ., additional_contexts: {base: 'service:base'}}}\n" +
			"  base: {build: ./sub, profiles: [never]}\n"},
		"jobs beside services": {"compose.yaml": "services: {web: {image: x}}\njobs:\n  migrate: {image: x, depends_on: [web], triggers: {manual: true}}\n" +
			"  nightly: {image: y, triggers: {schedule: ['@daily']}}\n"},
		"only jobs": {"compose.yaml": "jobs: {migrate: {image: x, triggers: {manual: true}}}\n"},
		"a job in an include": {"compose.yaml": "include: [a.yaml]\nservices: {web: {image: x}}\n",
			"a.yaml": "jobs: {migrate: {image: x, triggers: {manual: true}}}\n"},
		"refused: a job of a service's name": {"compose.yaml": "services: {web: {image: x}}\njobs: {web: {image: x, triggers: {manual: true}}}\n"},
		"refused: a service that needs a job": {"compose.yaml": "services: {web: {image: x, depends_on: [migrate]}}\n" +
			"jobs: {migrate: {image: x, triggers: {manual: true}}}\n"},
	} {
		p.expectSameHashes(name, wholeProject{files: files}, strings.HasPrefix(name, "refused: "))
	}
}

// expectSameHashes expects that both tools load a project with the same hashes, or that both refuse the project.
func (p *project) expectSameHashes(name string, whole wholeProject, refused bool) {
	p.T.Helper()
	p.writeWhole(whole)
	ours, err := p.hashes(whole)
	r := p.Run(v5, whole.flags("config", "--hash", "*")...)
	if theirs := hashLines(r.Stdout); (err != nil) != refused || (r.Code != 0) != refused {
		p.T.Errorf("%s: tasks says %v, Compose v5 %s", name, err, r.Stderr)
	} else if diff := cmp.Diff(theirs, ours); diff != "" && !refused {
		p.T.Errorf("%s: -Compose v5 +tasks:\n%s", name, diff)
	}
}
