package interop

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// fields are the values of an inspected container by path, such as `Config.Env[PATH]`. Empty values are left out.
type fields map[string]string

// inspect flattens the engine's description of a container, without values that differ between all containers: IDs,
// names, times, addresses.
func (p *project) inspect(id string) fields {
	p.t.Helper()
	answer, err := p.engine.ContainerInspect(p.t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	var tree map[string]any
	labels := answer.Container.Config.Labels
	text := p.normalize(string(answer.Raw), answer.Container.ID, labels["com.docker.compose.slug"])
	for _, key := range []string{"tasks.owner", starter} {
		if process := labels[key]; process != "" {
			text = strings.ReplaceAll(text, process, "<process>")
		}
	}
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		p.t.Fatal(err)
	}
	all := fields{}
	all.add("", tree)
	for path := range all {
		if variableFields.MatchString(path) {
			delete(all, path)
		}
	}
	return all
}

// starter is our own label on a remaining one-off: the process that starts the one-off.
const starter = "tasks.starter"

// variableFields are the fields that depend on the time, the place and the name of the container.
var variableFields = regexp.MustCompile(`^(Id|Created|ResolvConfPath|HostnamePath|HostsPath|LogPath|GraphDriver\..*|` +
	`State\.(Pid|StartedAt|FinishedAt|Health\.Log.*)|` +
	`NetworkSettings\.(SandboxID|SandboxKey|EndpointID|IPAddress|Gateway|MacAddress|IPPrefixLen)|` +
	`NetworkSettings\.Networks\.[^.]+\.(NetworkID|EndpointID|IPAddress|Gateway|MacAddress|IPPrefixLen)|` +
	`NetworkSettings\.Ports\..*HostPort)$`)

// hexadecimal matches IDs, but not the digests of images, because digests must be equal.
var hexadecimal = regexp.MustCompile(`(sha256:)?[0-9a-f]{64}`)

// normalize replaces the names of this container and project.
func (p *project) normalize(text, id, slug string) string {
	words := []string{id, "<id>", id[:12], "<short id>", p.name, "<project>", p.dir, "<dir>"}
	if slug != "" {
		words = append(words, slug, "<slug>", slug[:12], "<short slug>")
	}
	text = strings.NewReplacer(words...).Replace(text)
	return hexadecimal.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "sha256:") {
			return found
		}
		return "<64 digits>"
	})
}

// keys name the entries of a list by a unique field, so the order does not matter.
func keys() map[string]string {
	return map[string]string{"Mounts": "Destination", "HostConfig.Mounts": "Target", "HostConfig.Ulimits": "Name"}
}

// unordered are the lists of words without a meaningful order.
var unordered = regexp.MustCompile(`^(HostConfig\.(CapAdd|CapDrop|ExtraHosts|GroupAdd|SecurityOpt)|NetworkSettings\.Networks\.[^.]+\.(Aliases|Links|DNSNames)|HostConfig\.Links)$`)

// setOf are sets in the form of objects with empty objects.
var setOf = regexp.MustCompile(`^Config\.(ExposedPorts|Volumes)\..`)

func (f fields) add(path string, value any) {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		if len(v) == 0 && setOf.MatchString(path) {
			f[path] = "there"
		}
		for key, inner := range v {
			f.add(strings.TrimPrefix(path+"."+key, "."), inner)
		}
	case []any:
		f.addList(path, v)
	default:
		f[path] = fmt.Sprint(v)
	}
}

func (f fields) addList(path string, list []any) {
	var words []string
	for i, entry := range list {
		word, isWord := entry.(string)
		switch {
		case path == "Config.Env":
			key, value, whole := strings.Cut(word, "=")
			f[path+"["+key+"]"] = map[bool]string{true: value, false: "unset"}[whole]
		case path == "HostConfig.Binds":
			parts := strings.SplitN(word, ":", 3)
			f[path+"["+parts[1]+"]"] = word
		case keys()[path] != "":
			f.add(fmt.Sprintf("%s[%v]", path, entry.(map[string]any)[keys()[path]]), entry)
		case isWord && unordered.MatchString(path):
			words = append(words, word)
		default:
			f.add(fmt.Sprintf("%s[%d]", path, i), entry)
		}
	}
	if len(words) > 0 {
		slices.Sort(words)
		f[path] = strings.Join(words, " ")
	}
}

func TestFieldsAreComparable(t *testing.T) {
	one, other := fields{}, fields{}
	one.add("", map[string]any{"Config": map[string]any{"Env": []any{"A=1", "B"}, "Cmd": []any{"x", "y"}}, "HostConfig": map[string]any{"Binds": nil, "CapAdd": []any{"B", "A"}}})
	other.add("", map[string]any{"Config": map[string]any{"Env": []any{"B", "A=1"}, "Cmd": []any{"x", "y"}}, "HostConfig": map[string]any{"Binds": []any{}, "CapAdd": []any{"A", "B"}}})
	for path, value := range one {
		if other[path] != value {
			t.Errorf("%s: %q and %q", path, value, other[path])
		}
	}
	want := fields{"Config.Env[A]": "1", "Config.Env[B]": "unset", "Config.Cmd[0]": "x", "Config.Cmd[1]": "y", "HostConfig.CapAdd": "A B"}
	if fmt.Sprint(one) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", one, want)
	}
}
