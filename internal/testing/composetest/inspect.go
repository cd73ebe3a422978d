package composetest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/moby/client"
)

// Fields are the values of an inspected container by path, such as `Config.Env[PATH]`. Empty values are left out.
type Fields map[string]string

// Inspect flattens the engine's description of a container, without values that differ between all containers: IDs,
// names, times, addresses.
func (p *Project) Inspect(id string) Fields {
	p.T.Helper()
	answer, err := p.Engine.ContainerInspect(p.T.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		p.T.Fatal(err)
	}
	var tree map[string]any
	labels := answer.Container.Config.Labels
	text := p.Normalize(string(answer.Raw), answer.Container.ID, labels["com.docker.compose.slug"])
	for _, key := range []string{"tasks.owner", LabelStarter} {
		if process := labels[key]; process != "" {
			text = strings.ReplaceAll(text, process, "<process>")
		}
	}
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		p.T.Fatal(err)
	}
	all := Fields{}
	all.Add("", tree)
	for path := range all {
		if VariableFields.MatchString(path) {
			delete(all, path)
		}
	}
	return all
}

// LabelStarter is our own label on a remaining one-off: the process that starts the one-off.
const LabelStarter = "tasks.starter"

// VariableFields are the fields that depend on the time, the place and the name of the container.
var VariableFields = regexp.MustCompile(`^(Id|Created|ResolvConfPath|HostnamePath|HostsPath|LogPath|GraphDriver\..*|` +
	`State\.(Pid|StartedAt|FinishedAt|Health\.Log.*)|` +
	`NetworkSettings\.(SandboxID|SandboxKey|EndpointID|IPAddress|Gateway|MacAddress|IPPrefixLen)|` +
	`NetworkSettings\.Networks\.[^.]+\.(NetworkID|EndpointID|IPAddress|Gateway|MacAddress|IPPrefixLen)|` +
	`NetworkSettings\.Ports\..*HostPort)$`)

// hexadecimal matches IDs, but not the digests of images, because digests must be equal.
var hexadecimal = regexp.MustCompile(`(sha256:)?[0-9a-f]{64}`)

// Normalize replaces the names of this container and project.
func (p *Project) Normalize(text, id, slug string) string {
	words := []string{id, "<id>", id[:12], "<short id>", p.Name, "<project>", p.Dir, "<dir>"}
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

// Add adds a value of JSON below a path.
func (f Fields) Add(path string, value any) {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		if len(v) == 0 && setOf.MatchString(path) {
			f[path] = "there"
		}
		for key, inner := range v {
			f.Add(strings.TrimPrefix(path+"."+key, "."), inner)
		}
	case []any:
		f.addList(path, v)
	default:
		f[path] = fmt.Sprint(v)
	}
}

func (f Fields) addList(path string, list []any) {
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
			f.Add(fmt.Sprintf("%s[%v]", path, entry.(map[string]any)[keys()[path]]), entry)
		case isWord && unordered.MatchString(path):
			words = append(words, word)
		default:
			f.Add(fmt.Sprintf("%s[%d]", path, i), entry)
		}
	}
	if len(words) > 0 {
		slices.Sort(words)
		f[path] = strings.Join(words, " ")
	}
}

// Compare returns the fields with different values.
func Compare(ours, theirs Fields) []string {
	var paths []string
	for path := range ours {
		if ours[path] != theirs[path] {
			paths = append(paths, path)
		}
	}
	for path := range theirs {
		if _, ok := ours[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
