package toolbox

import "path/filepath"

// StateVariables returns the variables for a program that keeps the shared state of runs in a directory. Runs with
// another directory are like runs of another user.
func StateVariables(dir string) []string {
	return []string{"XDG_CACHE_HOME=" + dir, "TASKS_SHARED_DIR=" + filepath.Join(dir, "tasks")}
}
