package composeproject

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// ValidationCache remembers which input was found valid. Checking it against the Compose schema costs more than everything else
// about loading: the schema is compiled anew by each process.
type ValidationCache interface {
	// Known says whether a key was remembered. To have forgotten one is no harm.
	Known(key string) bool
	Remember(key string)
}

// loaderVersion is that of compose-go in go.mod, which a test compares: another version may find other things valid.
const loaderVersion = "v2.14.0"

// loadModel loads, and checks unless the same input is known to be valid: the same bytes of all files that were read, which
// give the same model in the environment of now, by the same version of the loader.
func (l *projectLoader) loadModel(ctx context.Context, options *cli.ProjectOptions, src *sources) (*types.Project, error) {
	if l.ValidationCache == nil {
		options.WithListeners(src.onLoadEvent)
		return options.LoadProject(ctx)
	}
	files := options.ConfigPaths
	uncheckedModel, key := loadWithoutSchema(ctx, options, src)
	if key != "" && l.ValidationCache.Known(key) {
		return uncheckedModel, nil
	}
	src.files = files[:len(files):len(files)]
	options, err := l.projectOptions() // those used before skip the check
	if err != nil {
		return nil, err
	}
	options.WithListeners(src.onLoadEvent)
	validModel, err := options.LoadProject(ctx)
	if err == nil && key != "" && isSameModel(validModel, uncheckedModel) {
		l.ValidationCache.Remember(key)
	}
	return validModel, err
}

// loadWithoutSchema loads without the schema. The key is empty where that does not work: what is wrong may also make the loader
// stumble, and then the checked load tells of it.
func loadWithoutSchema(ctx context.Context, options *cli.ProjectOptions, src *sources) (model *types.Project, key string) {
	defer func() {
		if recover() != nil {
			model, key = nil, ""
		}
	}()
	options.WithListeners(src.onLoadEvent)
	if err := cli.WithLoadOptions(loader.WithSkipValidation)(options); err != nil {
		return nil, ""
	}
	model, err := options.LoadProject(ctx)
	if err != nil {
		return nil, ""
	}
	return model, validationKey(model, src.files)
}

// validationKey is empty where something of the input cannot be read.
func validationKey(model *types.Project, files []string) string {
	form, err := json.Marshal(model)
	if err != nil {
		return ""
	}
	sum := sha256.New()
	hashPart(sum, []byte(loaderVersion))
	hashPart(sum, form)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return ""
		}
		hashPart(sum, []byte(file))
		hashPart(sum, content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// hashPart adds a part to a sum so that no two lists of parts give the same bytes.
func hashPart(sum hash.Hash, p []byte) {
	fmt.Fprintf(sum, "%d:", len(p))
	sum.Write(p)
}

func isSameModel(a, b *types.Project) bool {
	first, err1 := json.Marshal(a)
	second, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(first) == string(second)
}
