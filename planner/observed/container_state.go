package observed

// ContainerState is the state of a container, in the words of the Engine API.
type ContainerState string

// The states of a container.
const (
	Created    ContainerState = "created"
	Running    ContainerState = "running"
	Paused     ContainerState = "paused"
	Restarting ContainerState = "restarting"
	Removing   ContainerState = "removing"
	Exited     ContainerState = "exited"
	Dead       ContainerState = "dead"
)

// IsCreated reports whether the container was never started.
func (s ContainerState) IsCreated() bool { return s == Created }

// IsRunning reports whether the container runs and is not paused.
func (s ContainerState) IsRunning() bool { return s == Running }

// IsPaused reports whether the container is paused.
func (s ContainerState) IsPaused() bool { return s == Paused }

// IsUp reports whether the container was started and has not ended.
func (s ContainerState) IsUp() bool { return s == Running || s == Paused || s == Restarting }

// HasExited reports whether the command of the container has ended. The container can be started again.
func (s ContainerState) HasExited() bool { return s == Exited }

// HasEnded reports whether the command of the container has ended, and the container is not being removed.
func (s ContainerState) HasEnded() bool { return s == Exited || s == Dead }

// IsLost reports whether the container can never be started again.
func (s ContainerState) IsLost() bool { return s == Dead || s == Removing }
