package completion

// EngineWords returns the candidates for the words behind `tasks engine`: the action, and then the names of engine
// blocks.
func EngineWords(engines, args []string, typed string) []string {
	words := []string{"check"}
	if len(args) > 0 {
		words = engines
	}
	if len(args) > 1 {
		words = nil
	}
	var candidates []string
	for _, word := range words {
		candidates = Add(candidates, typed, word, "")
	}
	return candidates
}
