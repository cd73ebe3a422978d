package docker

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// reads are the calls of the Docker client that change nothing on the engine.
var reads = []string{
	"ClientVersion", "Close", "ContainerDiff", "ContainerInspect", "ContainerList", "ContainerLogs", "ContainerWait",
	"CopyFromContainer", "DialHijack", "Dialer", "DiskUsage", "Events", "ExecInspect", "ImageHistory",
	"ImageInspect", "ImageList", "ImageSave", "Info", "NetworkInspect", "NetworkList", "NodeList", "Ping", "ServerVersion", "VolumeInspect", "VolumeList",
}

// port is the reason for a call by a method of engine.Engine: the caller has checked the labels, with tests in
// TestResourcesOfOthers of package executor.
const port = "a method of engine.Engine"

// acts are the calls that create, enter, take over or remove something, each with its places and with the reason why
// the call touches no resource of others.
var acts = map[string]map[string]string{
	"ContainerCreate": {
		"container.go:CreateContainer":      "the engine refuses a taken name",
		"image_archive.go:DirectoryHeaders": "the engine makes up the name",
	},
	"CopyToContainer":  {"container.go:completeCreation": "the container is new"},
	"ContainerAttach":  {"attach.go:Attach": port},
	"ContainerStart":   {"lifecycle.go:StartContainer": port},
	"ContainerUnpause": {"lifecycle.go:UnpauseContainer": port},
	"ContainerStop":    {"lifecycle.go:StopContainer": port},
	"ContainerKill":    {"lifecycle.go:KillContainer": port},
	"ContainerRename":  {"lifecycle.go:RenameContainer": port},
	"ContainerResize":  {"lifecycle.go:Resize": port},
	"ContainerRemove": {
		"lifecycle.go:RemoveContainer":      port,
		"image_archive.go:DirectoryHeaders": "by the id of the creation in the same call",
	},
	"ExecCreate": {"exec.go:Exec": port, "exec_start.go:StartExec": port},
	"ExecAttach": {"exec.go:execOutput": "by the id of the creation in the same call", "exec_start.go:StartExec": port},
	"ExecResize": {"exec_start.go:Resize": "the execution is the caller's own"},
	"NetworkConnect": {
		"container.go:completeCreation": "the container is new",
		"network_members.go:Connect":    port,
	},
	"NetworkDisconnect": {"network_members.go:Disconnect": port},
	"NetworkCreate": {
		"network.go:create":    "after a look for the name; two networks of a name never stay",
		"subnet.go:withSubnet": "the same creation with a subnet",
	},
	"NetworkRemove": {
		"network.go:RemoveNetwork": port,
		"network.go:createAlone":   "by the id of the creation in the same call",
	},
	"VolumeCreate": {"volume.go:CreateVolume": "after a look for the name; the engine returns an existing volume"},
	"VolumeRemove": {"volume.go:RemoveVolume": port},
	"ImagePull":    {"pull.go:PullImage": port},
	"ImageLoad":    {"image_archive.go:LoadImage": "names below tasks/sources, or the name of a sent image: TestFailedTransfer of executor/imagesend"},
	"ImageRemove":  {"image_archive.go:RemoveImage": "names below tasks/sources, or the image of a failed transfer: TestFailedTransfer of executor/imagesend"},
}

// A new call that changes something on the engine needs an entry with a reason. Builds act through BuildKit: BuildImage
// of engine.Engine is the only caller.
func TestCallsOfTheAPIAreKnown(t *testing.T) {
	found, all := map[string]map[string]bool{}, reflect.TypeFor[*client.Client]()
	for _, pattern := range []string{"*.go", "build/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for call, function := range clientCalls(t, path, all) {
				if found[call] == nil {
					found[call] = map[string]bool{}
				}
				for _, name := range function {
					found[call][filepath.ToSlash(path)+":"+name] = true
				}
			}
		}
	}
	for call, places := range found {
		if slices.Contains(reads, call) {
			continue
		}
		for place := range places {
			if acts[call][place] == "" {
				t.Errorf("%s calls %s: which resource of others may this take away or over?", place, call)
			}
		}
	}
	for call, places := range acts {
		for place := range places {
			if !found[call][place] {
				t.Errorf("%s does not call %s", place, call)
			}
		}
	}
}

// clientCalls returns the functions of a file with calls of methods of the Docker client, by method. The receiver of a
// call is api or a field of the name.
func clientCalls(t *testing.T, path string, clientType reflect.Type) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string][]string{}
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(function, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if _, isMethod := clientType.MethodByName(selector.Sel.Name); isMethod && isClient(selector.X) {
				calls[selector.Sel.Name] = append(calls[selector.Sel.Name], function.Name.Name)
			}
			return true
		})
	}
	return calls
}

func isClient(receiver ast.Expr) bool {
	switch r := receiver.(type) {
	case *ast.SelectorExpr:
		return r.Sel.Name == "api"
	case *ast.Ident:
		return r.Name == "api"
	}
	return false
}

// Every variable of the client's type has the name by which TestCallsOfTheAPIAreKnown finds the calls.
func TestClientsHaveOneName(t *testing.T) {
	names := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok {
				return true
			}
			if star, ok := field.Type.(*ast.StarExpr); ok && isClientType(star.X) {
				for _, name := range field.Names {
					names[name.Name] = true
				}
			}
			return true
		})
	}
	if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, []string{"api"}) {
		t.Errorf("clients have the names %q", got)
	}
}

func isClientType(expr ast.Expr) bool {
	selector, ok := expr.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "Client" {
		return false
	}
	of, ok := selector.X.(*ast.Ident)
	return ok && of.Name == "client"
}
