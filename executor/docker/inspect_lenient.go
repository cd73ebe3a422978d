package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// inspectContainer inspects a container. Compose v2 makes containers with an exposed range, such as "9100-9102/udp".
// Engines accept a range, but the client library refuses the answer. Then the answer is read here.
func inspectContainer(ctx context.Context, api *client.Client, idOrName string) (container.InspectResponse, error) {
	result, err := api.ContainerInspect(ctx, idOrName, client.ContainerInspectOptions{})
	if err == nil || !strings.Contains(err.Error(), "invalid port") {
		return result.Container, err
	}
	answer, rawErr := inspectRaw(ctx, api, idOrName)
	if rawErr != nil {
		return container.InspectResponse{}, errors.Join(err, rawErr)
	}
	return withoutPortRanges(answer)
}

// inspectRaw sends the request over its own connection, because the client library withholds an unreadable answer.
func inspectRaw(ctx context.Context, api *client.Client, idOrName string) (answer map[string]any, err error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return api.Dialer()(ctx) },
	}
	address := "http://engine/v" + api.ClientVersion() + "/containers/" + url.PathEscape(idOrName) + "/json"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the engine answered %s", response.Status)
	}
	decoder := json.NewDecoder(response.Body)
	decoder.UseNumber()
	err = decoder.Decode(&answer)
	return answer, err
}

// withoutPortRanges reads an answer without the invalid ports of the client library. No code here needs ranges.
func withoutPortRanges(answer map[string]any) (read container.InspectResponse, err error) {
	for section, ports := range map[string]string{
		"Config": "ExposedPorts", "HostConfig": "PortBindings", "NetworkSettings": "Ports",
	} {
		object, _ := answer[section].(map[string]any)
		all, _ := object[ports].(map[string]any)
		maps.DeleteFunc(all, func(port string, _ any) bool {
			_, err := network.ParsePort(port)
			return err != nil
		})
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return read, err
	}
	err = json.Unmarshal(text, &read)
	return read, err
}
