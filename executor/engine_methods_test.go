package executor_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"tasks/executor/engine"
	"tasks/executor/sources"
)

// reading is the class of the engine's methods that change nothing.
const reading = "reading"

// engineMethods are the methods of the engine, by what they may take away or take over.
var engineMethods = map[string]string{
	"CreateNetwork": "network", "RemoveNetwork": "network", "InspectNetwork": reading,
	"Disconnect": "container", "Connect": "container",
	"CreateVolume": "volume", "RemoveVolume": "volume", "InspectVolume": reading, "VolumeUsers": reading,
	"InspectImage": reading, "PullImage": "image", "BuildImage": "image",
	"CreateContainer": "container", "StartContainer": "container", "UnpauseContainer": "container",
	"StopContainer": "container", "KillContainer": "container", "RenameContainer": "container",
	"RemoveContainer": "container", "InspectContainer": reading, "ProjectContainers": reading,
	"Attach": "container", "Wait": reading, "Resize": reading, "Exec": "container", "StartExec": "container",
	"FollowLog": reading, "StreamLog": reading, "Logs": reading, "Events": reading, "Platform": reading, "Dial": reading,
}

// joining are the calls that use a resource of others as it is, or are refused by the engine because of its name.
var joining = []string{"CreateNetwork", "CreateVolume", "CreateContainer"}

// furtherMethods are the methods of the optional interfaces of engines, and of the store of sources, each with the test
// that a resource of others stays, or with the reason why none is touched.
var furtherMethods = map[string]string{
	"Preparer.PrepareContainer":  "changes the specification of a container; images are sent by the store",
	"PortForwarder.ForwardPorts": "TestPortsAreForwarded of e2e/remote: a helper container of a name with a random part",
	"OutputFetcher.FetchOutputs": reading,
	"Relocator.Relocate":         "forgets where a private project was; asks no engine",
	"SlotCounter.Slots":          "asks no engine",
	"Store.InspectBase":          reading, "Store.KeepsManifests": reading, "Store.SaveImage": reading,
	"Store.LabelledImages": reading, "Store.ChangedPaths": reading, "Store.ReadPath": reading,
	"Store.LoadImage":        "gives a name below tasks/sources, with a hash of the content",
	"Store.RemoveImage":      "TestImagesOfOthersWithTheLabelsStay of executor/sources",
	"Store.DirectoryHeaders": "removes the container of its own creation",
}

// A new method of the engine needs a class here, and an entry in the list of calls of the engine in memory.
func TestMethodsOfTheEngineAreClassified(t *testing.T) {
	port := reflect.TypeFor[engine.Engine]()
	for method := range port.Methods() {
		if engineMethods[method.Name] == "" {
			t.Errorf("%s of the engine has no class", method.Name)
		}
	}
	if port.NumMethod() != len(engineMethods) {
		t.Errorf("%d methods have a class, the engine has %d", len(engineMethods), port.NumMethod())
	}
	var further []string
	for _, name := range interfacesIn(t, "engine", "sources") {
		if !slices.Contains(streams, name) && name != "Engine" {
			further = append(further, name)
		}
	}
	var found []string
	for _, port := range []reflect.Type{
		reflect.TypeFor[engine.OutputFetcher](), reflect.TypeFor[engine.PortForwarder](), reflect.TypeFor[engine.Preparer](),
		reflect.TypeFor[engine.Relocator](), reflect.TypeFor[engine.SlotCounter](),
		reflect.TypeFor[sources.Store](),
	} {
		further = slices.DeleteFunc(further, func(name string) bool { return name == port.Name() })
		for method := range port.Methods() {
			found = append(found, port.Name()+"."+method.Name)
		}
	}
	if len(further) > 0 {
		t.Errorf("the methods of %q have no class", further)
	}
	slices.Sort(found)
	if known := slices.Sorted(maps.Keys(furtherMethods)); !slices.Equal(found, known) {
		t.Errorf("methods %q\nwith a class %q", found, known)
	}
}

// streams are the interfaces of connections that the engine has given out, and of files of this machine.
var streams = []string{"Attachment", "Execution", "Events", "Files"}

// interfacesIn returns the exported interfaces of packages below this one.
func interfacesIn(t *testing.T, dirs ...string) (names []string) {
	t.Helper()
	for _, path := range sourceFiles(t) {
		if !slices.Contains(dirs, filepath.ToSlash(filepath.Dir(path))) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if declared, ok := n.(*ast.TypeSpec); ok && declared.Name.IsExported() {
				if _, isInterface := declared.Type.(*ast.InterfaceType); isInterface {
					names = append(names, declared.Name.Name)
				}
			}
			return true
		})
	}
	return names
}
