package composeproject

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// loadError loads broken files and returns the error.
func loadError(t *testing.T, files map[string]string) *LoadError {
	t.Helper()
	_, err := Load(t.Context(), Options{WorkingDir: projectFolder(t, "app", files)})
	explained, ok := errors.AsType[*LoadError](err)
	if !ok {
		t.Fatalf("got %T %v", err, err)
	}
	return explained
}

func TestErrors(t *testing.T) {
	const web = "services:\n  web:\n    image: a\n"
	tests := map[string]struct{ file, want string }{
		"unknown attribute of a service": {
			"services:\n  web:\n    imge: a\n",
			`compose.yaml:3:5: services.web has no attribute "imge"; did you mean "image"?`,
		},
		"unknown attribute deeper": {
			web + "    healthcheck:\n      tst: x\n",
			`compose.yaml:5:7: services.web.healthcheck has no attribute "tst"; did you mean "test"?`,
		},
		"unknown attribute of a build": {
			web + "    build: {context: ., dockerfil: x}\n",
			`compose.yaml:4:25: services.web.build has no attribute "dockerfil"; did you mean "dockerfile"?`,
		},
		"unknown attribute of a network": {
			web + "networks:\n  front: {drver: x}\n",
			`compose.yaml:5:11: networks.front has no attribute "drver"; did you mean "driver"?`,
		},
		"unknown section": {
			"srvices:\n  web: {}\n",
			`compose.yaml:1:1: the file has no attribute "srvices"; did you mean "services"?`,
		},
		"nothing near": {
			web + "    zzzzzz: x\n",
			`compose.yaml:4:5: services.web has no attribute "zzzzzz"`,
		},
		"wrong type": {
			web + "    ports: foo\n",
			`compose.yaml:4:5: services.web.ports must be a list, not a text`,
		},
		"wrong type in a list": {
			web + "    ports:\n      - 80\n      - [a]\n",
			`compose.yaml:6:9: services.web.ports.1 must be a number, a mapping or a text, not a list`,
		},
		"a port in short": {
			web + "    ports: ['80', '127.0.0.1:8080:b']\n",
			"compose.yaml:4:19: service web: ports: invalid containerPort: b",
		},
		"a port of another service": {
			web + "  db:\n    image: a\n    ports:\n      - 80/sctpx\n",
			"compose.yaml:7:9: service db: ports: invalid proto: sctpx",
		},
		"a mount without a source": {
			web + "    volumes:\n      - {type: bind, source: /s, target: /x}\n      - {type: bind, target: /y}\n",
			`compose.yaml:6:9: service web: volumes: the bind mount has no source`,
		},
		"a form of a healthcheck": {
			web + "    healthcheck: {test: [NOPE, x]}\n",
			`compose.yaml:4:25: service web: the test of a healthcheck must begin with CMD, CMD-SHELL or NONE`,
		},
		"two limits": {
			web + "    mem_limit: 1m\n    deploy: {resources: {limits: {memory: 2m}}}\n",
			"compose.yaml:4:5: services.web: can't set distinct values on 'mem_limit' and 'deploy.resources.limits.memory'",
		},
		"two kinds of networks": {
			web + "    network_mode: host\n    networks: [default]\n",
			"compose.yaml:4:5: service web declares mutually exclusive `network_mode` and `networks`",
		},
		"a volume in short": {
			web + "    volumes: [data:/x, ':/x']\n",
			`compose.yaml:4:15: service "web" uses the volume "data", which the file does not declare under volumes` +
				"\ncompose.yaml:4:24: service web: volumes: invalid spec: :/x: empty section between colons",
		},
		"a value that is not allowed": {
			web + "    depends_on: {db: {condition: foo}}\n  db: {image: a}\n",
			"compose.yaml:4:34: services.web.depends_on.db.condition must be one of " +
				"service_started, service_healthy, service_completed_successfully",
		},
		"a size that is none": {
			web + "    mem_limit: foo\n",
			`compose.yaml:4:16: service web: mem_limit: "foo" is not a size`,
		},
		"undefined dependency": {
			web + "    depends_on: [bd]\n  db: {image: a}\n",
			`compose.yaml:4:18: service "web" depends on "bd", and there is no such service; did you mean "db"?`,
		},
		"undefined dependency with a condition": {
			web + "    depends_on:\n      bd: {condition: service_healthy}\n",
			`compose.yaml:5:7: service "web" depends on "bd", and there is no such service`,
		},
		"undefined dependency of a namespace": {
			web + "    network_mode: service:vpn\n",
			`compose.yaml:4:5: service "web" depends on "vpn", and there is no such service`,
		},
		"undefined link": {
			web + "    links: ['vpn:x']\n",
			`compose.yaml:4:13: service "web" depends on "vpn", and there is no such service`,
		},
		"undefined network": {
			web + "    networks: [fornt]\nnetworks: {front: }\n",
			`compose.yaml:4:16: service "web" uses the network "fornt", which the file does not declare under networks; did you mean "front"?`,
		},
		"undefined volume": {
			web + "    volumes:\n      - ./x:/x\n      - date:/data\nvolumes: {data: }\n",
			`compose.yaml:6:9: service "web" uses the volume "date", which the file does not declare under volumes; did you mean "data"?`,
		},
		"undefined volume in the long form": {
			web + "    volumes: [{type: volume, source: date, target: /x}]\n",
			`compose.yaml:4:15: service "web" uses the volume "date", which the file does not declare under volumes`,
		},
		"undefined secret": {
			web + "    secrets: [key]\n",
			`compose.yaml:4:15: service "web" uses the secret "key", which the file does not declare under secrets`,
		},
		"undefined base": {
			web + "    extends: {service: bse}\n  base: {image: a}\n",
			`compose.yaml:4:24: service "web" extends "bse", which is not there; did you mean "base"?`,
		},
		"cycle": {
			web + "    depends_on: [web]\n",
			`compose.yaml:4:18: dependency cycle: web -> web`,
		},
		"neither image nor build": {
			"services:\n  web: {}\n",
			`compose.yaml:2:3: service "web" has neither an image nor a build context specified`,
		},
		"an image of an unset variable": {
			"services:\n  web:\n    restart: always\n    image: ${IMAGE}\n",
			`compose.yaml:4:5: service "web" has neither an image nor a build context specified`,
		},
		"a network of an unset variable": {
			web + "    networks: ['${NETWORK}']\n",
			`compose.yaml:4:5: service "web" uses the network "", which the file does not declare under networks`,
		},
		"a name with dots": {
			"services:\n  my.web.svc:\n    imge: a\n",
			`compose.yaml:3:5: services.my.web.svc has no attribute "imge"; did you mean "image"?`,
		},
		"a variable that must be set": {
			"services:\n  web:\n    image: ${IMAGE:?say which}\n",
			`compose.yaml:3:12: the required variable IMAGE has no value: say which`,
		},
		"a broken variable": {
			"services:\n  web:\n    image: ${IMAGE\n",
			`compose.yaml:3:12: the value is no valid use of a variable`,
		},
		"a secret without a source": {
			web + "secrets:\n  key: {}\n",
			"compose.yaml:5:3: secrets.key: one of file|environment must be set",
		},
		"a tab": {
			web + "\tx: y\n",
			`compose.yaml:4:1: a tab in the indentation`,
		},
		"an open bracket": {
			web + "    ports: [\n",
			"compose.yaml:4: not valid YAML: did not find expected node content",
		},
		"a line that stands too far left": {
			web + "   command: x\n",
			"compose.yaml:4:4: not valid YAML: did not find expected key",
		},
		"a bracket of another kind": {
			"services: [\n}\n# end\n",
			"compose.yaml:2:1: not valid YAML: did not find expected node content",
		},
		"an open brace": {
			"services:\n  web: {image: a\n  db: {image: b}\n",
			"compose.yaml:3:5: not valid YAML: did not find expected ',' or '}'",
		},
		"a key twice": {
			web + "    image: b\n",
			`compose.yaml:4:5: the key "image" is already in line 3`,
		},
		"a missing include": {
			"include:\n  - inc/no.yaml\n" + web,
			"compose.yaml:2:5: the file DIR/inc/no.yaml does not exist",
		},
		"an attribute merged in": {
			"x-base: &base\n  imge: a\nservices:\n  web:\n    <<: *base\n",
			`compose.yaml:2:3: services.web has no attribute "imge"; did you mean "image"?`,
		},
		"an empty file": {"", "compose.yaml: empty compose file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := loadError(t, map[string]string{"compose.yaml": test.file})
			got := strings.ReplaceAll(err.Error(), err.Mistakes[0].dir, "DIR")
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestErrorInAnotherFile(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"override": {
			map[string]string{"compose.yaml": "services: {web: {image: a}}", "compose.override.yaml": "\n\nservices:\n  web:\n    imge: b"},
			`compose.override.yaml:5:5: services.web has no attribute "imge"; did you mean "image"?`,
		},
		"include": {
			map[string]string{"compose.yaml": "include: [inc/a.yaml]", "inc/a.yaml": "services:\n  web:\n    imge: b"},
			`inc/a.yaml:3:5: services.web has no attribute "imge"; did you mean "image"?`,
		},
		"syntax of an included file": {
			map[string]string{"compose.yaml": "include: [inc/a.yaml]", "inc/a.yaml": "services: ["},
			"inc/a.yaml:1: not valid YAML: did not find expected node content",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := loadError(t, test.files).Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestErrorLocation(t *testing.T) {
	tests := map[string]Error{
		"compose.yaml:7:5: wrong":        {File: "/app/compose.yaml", Line: 7, Column: 5},
		"compose.yaml:7: wrong":          {File: "/app/compose.yaml", Line: 7},
		"compose.yaml: wrong":            {File: "/app/compose.yaml"},
		"/other/compose.yaml:7:5: wrong": {File: "/other/compose.yaml", Line: 7, Column: 5},
	}
	for want, err := range tests {
		err.Message, err.dir = "wrong", "/app"
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestErrorWrapsComposeError(t *testing.T) {
	err := loadError(t, map[string]string{"compose.yaml": "services: {web: {}}"})
	if cause := err.Mistakes[0].Err; cause == nil || !errors.Is(err, cause) {
		t.Errorf("wraps %v", cause)
	}
}

func TestCancelledLoadHasNoLocation(t *testing.T) {
	err := (&explainer{}).explain(t.Context(), context.Canceled)
	if _, ok := errors.AsType[*Error](err); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestServiceLocation(t *testing.T) {
	dir := projectFolder(t, "app", map[string]string{
		"compose.yaml":          "include: [inc/a.yaml]\nservices:\n  web:\n    image: a\n",
		"compose.override.yaml": "services:\n    web:\n        image: b\n    more: {image: c}\n",
		"inc/a.yaml":            "\n\nservices:\n  db: {image: a}\n",
	})
	p, err := Load(t.Context(), Options{WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		file         string
		line, column int
	}
	tests := map[string]place{
		"web":  {dir + "/compose.yaml", 3, 3},
		"more": {dir + "/compose.override.yaml", 4, 5},
		"db":   {dir + "/inc/a.yaml", 4, 3},
		"none": {},
	}
	for service, want := range tests {
		var got place
		if got.file, got.line, got.column = p.Locations().Attribute(service); got != want {
			t.Errorf("%s: got %+v, want %+v", service, got, want)
		}
	}
}
