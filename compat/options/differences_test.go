package options_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"tasks/internal/testing/composetest"
)

// differences are all intended differences. docs/compose.md has the same table.
func differences() []composetest.Difference {
	return slices.Concat(fromV1(), fromV1Volumes(), fromV5())
}

func fromV1() []composetest.Difference {
	return []composetest.Difference{
		composetest.NewDifference(v1, []string{"Config.Labels.tasks.starter"}, "", "<process>", "", "the process meant to start a one-off that stays; if this process was killed before the start, the one-off is removed"),
		composetest.NewDifference(v1, []string{"Config.Labels.tasks.owner"}, "--rm", "<process>", "", "the owner: the next run removes the one-off of a killed run (docs/adr/0002-removing-one-offs.md)"),
		composetest.NewDifference(v1, []string{"Name"}, "", "/<project>-…-run-<short slug>", "/<project>_…_run_<short slug>", "names have hyphens since Compose v2"),
		composetest.NewDifference(v1, []string{"NetworkSettings.Networks.….Aliases"}, "", "<project>-…-run-<short slug> <short id>…", "<short id>…", "other containers reach the container by its name, since Compose v2"),
		composetest.NewDifference(v1, []string{"NetworkSettings.Networks.….Aliases"}, "--name", "<project>-named <short id>…", "<short id>…", "the same, with the given name"),
		composetest.NewDifference(v1, []string{"Config.Labels.com.docker.compose.config-hash"}, "", "<64 digits>", "", "Compose since v2 lists only containers with this label"),
		composetest.NewDifference(v1, []string{"Config.Labels.com.docker.compose.image"}, "", "sha256:…", "", "new in Compose v2"),
		composetest.NewDifference(v1, []string{"Config.Labels.com.docker.compose.depends_on"}, "", "…:service_started:…", "", "new in Compose v2"),
		composetest.NewDifference(v1, []string{"Config.Labels.com.docker.compose.version"}, "", "5.6.0", "1.29.2", "the version of Compose that `tasks` follows"),
		composetest.NewDifference(v1, []string{"Config.Labels.com.docker.compose.project.config_files", "Config.Labels.com.docker.compose.project.environment_file"}, "", "<dir>/…", "…", "paths are absolute since Compose v2"),
		composetest.NewDifference(v1, []string{"Config.AttachStdin", "Config.AttachStdout", "Config.AttachStderr", "Config.StdinOnce"}, "", "true", "false", "a detached container is created like an attached container, as in Compose v5; the command sees no difference"),
		composetest.NewDifference(v1, []string{"HostConfig.CapAdd", "HostConfig.CapDrop"}, "", "CAP_…", "…", "spelling; the engine takes both"),
		composetest.NewDifference(v1, []string{"Config.Env[OWN]"}, "--env KEY, unknown", "of the service", "unset", "a bare KEY missing in the shell is ignored, as in Compose v5; the service's value stays"),
		composetest.NewDifference(v1, []string{"Config.Env[IN_DOTENV]"}, "--env KEY, of .env", "of .env", "unset", "a bare KEY takes the value of the project's environment, .env included, as in Compose v5"),
		composetest.NewDifference(v1, []string{"HostConfig.ConsoleSize[0]", "HostConfig.ConsoleSize[1]"}, "at a terminal", "…", "0", "the terminal has its size from the first moment"),
		composetest.NewDifference(v1, []string{"NetworkSettings.Networks.….Links"}, "a service with links only", "<project>-db-1:database", "<project>_db_1:<project>_db_1 <project>_db_1:database <project>_db_1:db_1", "a link gives only the alias in the file; the container's own name works without a link"),
		composetest.NewDifference(v1, []string{"project.networks[…]", "project.volumes[…]"}, "", "", "there", "only networks and volumes of the services in use are created, as in Compose v5"),
	}
}

// fromV1Volumes are differences of mounts: docker-compose 1.29 supports fewer kinds.
func fromV1Volumes() []composetest.Difference {
	const missing = "docker-compose 1.29 takes the path or volume as the literal name of an engine's volume and mounts an empty volume. With `tasks`, `./x` is a path and a declared volume is the project's, as in Compose v5"
	return []composetest.Difference{
		composetest.NewDifference(v1, []string{"Config.Volumes.…"}, "", "", "there", "docker-compose 1.29 also lists each mount there, without effect"),
		composetest.NewDifference(v1, []string{"HostConfig.Mounts[/anonymous]…", "HostConfig.Mounts[/new]…", "HostConfig.Mounts[/literal]…"}, "", "…", "", "in another field of the API, as in Compose v5"),
		composetest.NewDifference(v1, []string{"HostConfig.Binds[/literal]"}, "--volume undeclared", "", "…-literal:/literal:rw", "in another field of the API, as in Compose v5"),
		composetest.NewDifference(v1, []string{"Mounts[/anonymous].Mode", "Mounts[/new].Mode", "Mounts[/literal].Mode"}, "", "z", "…", "the engine shows this value for a mount of this field; no effect on a volume"),
		composetest.NewDifference(v1, []string{"HostConfig.Binds[/cwd]", "Mounts[/cwd].…"}, "--volume of the host", "…", "…", missing),
		composetest.NewDifference(v1, []string{"HostConfig.Binds[/data]", "Mounts[/data].…", "HostConfig.Binds[/src]", "Mounts[/src].…"}, "--volume over another|--volume over a read-only", "…", "…", missing),
		composetest.NewDifference(v1, []string{"HostConfig.Binds[/more]", "Mounts[/more].…"}, "--volume declared", "…", "…", missing),
	}
}

func fromV5() []composetest.Difference {
	return []composetest.Difference{
		composetest.NewDifference(v5, []string{"Config.Labels.tasks.starter"}, "", "<process>", "", "the process meant to start a one-off that stays; if this process was killed before the start, the one-off is removed"),
		composetest.NewDifference(v5, []string{"Config.Labels.tasks.owner"}, "--rm", "<process>", "", "the owner: the next run removes the one-off of a killed run (docs/adr/0002-removing-one-offs.md)"),
		composetest.NewDifference(v5, []string{"HostConfig.AutoRemove"}, "--rm", "false", "true", "`tasks` removes the container itself, with its anonymous volumes, after all output and the exit code are read (docs/adr/0002-removing-one-offs.md)"),
		composetest.NewDifference(v5, []string{"HostConfig.AutoRemove"}, "--rm, detached", "false", "true", "`--rm` is ignored with `--detach`, as in docker-compose 1.29: a detached container is for later inspection"),
		composetest.NewDifference(v5, []string{"HostConfig.ConsoleSize[0]", "HostConfig.ConsoleSize[1]"}, "at a terminal|--tty", "…", "0", "the terminal has its size from the first moment"),
		composetest.NewDifference(v5, []string{"Config.Env[MORE]"}, "--env-from-file twice", "of other.env", "of more.env", "the later file wins, as with `env_file` and with `docker run --env-file`"),
		composetest.NewDifference(v5, []string{"HostConfig.Binds[/src]", "Mounts[/src].Mode", "Mounts[/src].RW"}, "--volume over a read-only", "…", "…", "`-v` alone decides about the mount; Compose v5 keeps the mount read-only if the service's mount at this place is read-only"),
		composetest.NewDifference(v5, []string{"NetworkSettings.Networks.….Links"}, "a service with links only", "<project>-db-1:database", "<project>-db-1:<project>-db--1 <project>-db-1:database <project>-db-1:db--1", "a link gives only the alias in the file; the two other aliases of Compose v5 are broken (`db--1`)"),
		composetest.NewDifference(v5, []string{"Image", "Config.Labels.com.docker.compose.image", "Config.Labels.com.docker.compose.image.builder"}, "--build", "…", "…", "each program has built its own image; without the buildx plugin Compose v5 uses the engine's old builder, `tasks` always BuildKit"),
	}
}

// tally records the observed differences.
type tally struct {
	mu     sync.Mutex
	isSeen map[int]bool
}

// explain reports findings that no known difference covers.
func (c *tally) explain(t *testing.T, k tool, option string, ours, theirs fields) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, path := range composetest.Compare(ours, theirs) {
		known := slices.IndexFunc(differences(), func(d composetest.Difference) bool { return d.Covers(k, option, path, ours[path], theirs[path]) })
		if known < 0 {
			t.Errorf("%s is %q, with %s it is %q", path, ours[path], k, theirs[path])
			continue
		}
		c.isSeen[known] = true
	}
}

// reportUnseen reports known differences that no longer occur.
func (c *tally) reportUnseen(t *testing.T) {
	t.Helper()
	for i, d := range differences() {
		if !c.isSeen[i] {
			t.Errorf("there is no such difference from %s any more: %q, option %q", d.With, d.Fields, d.Option)
		}
	}
}

// TestDifferencesAreDocumented compares the table in docs/compose.md with ours.
func TestDifferencesAreDocumented(t *testing.T) {
	composetest.ExpectTable(t, "differences", "differences", differencesTable())
}

func differencesTable() string {
	var table strings.Builder
	for _, k := range []tool{v1, v5} {
		fmt.Fprintf(&table, "\nFrom %s:\n\n| field | with | `tasks once` | %s | why |\n|---|---|---|---|---|\n", k, k)
		for _, d := range differences() {
			if d.With == k {
				fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", composetest.Code(d.Fields...), strings.ReplaceAll(textOr(d.Option, "any"), "|", ", or "), composetest.PatternText(d.Ours), composetest.PatternText(d.Theirs), d.Reason)
			}
		}
	}
	return table.String() + "\n"
}

func textOr(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
