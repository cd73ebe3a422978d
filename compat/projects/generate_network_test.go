package projects_test

import "fmt"

// networkAttributes are attributes that need a network of the container's own.
func networkAttributes() []string {
	return []string{"networks", "links", "external_links", "ports", "expose", "hostname", "domainname", "dns", "dns_search", "dns_opt",
		"extra_hosts", "sysctls", "extends"}
}

func networkGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "network_mode", percent: 7, excludes: networkAttributes(), write: oneOf("service:alpha", "service:beta", "container:@project-outside")},
		{name: "network_mode", percent: 7, excludes: []string{"networks", "links", "external_links", "extends", "sysctls"},
			write: oneOf("none", "host", "bridge")},
		{name: "networks", percent: 60, excludes: []string{"network_mode"}, write: writeAlways((*serviceGenerator).networks)},
		// gamma is left out, because gamma has two containers: Compose links to the containers that exist by then.
		{name: "links", percent: 12, excludes: []string{"network_mode"}, write: someOf("alpha", "beta:store", "alpha:first", "beta")},
		{name: "external_links", percent: 7, excludes: []string{"network_mode"}, write: someOf("@project-outside", "@project-outside:far")},
		{name: "dns", percent: 10, write: writeAlways(func(a *serviceGenerator) any { return a.oneOrList("192.0.2.53", "8.8.8.8", "2001:db8::53") })},
		{name: "dns_search", percent: 10, write: writeAlways(func(a *serviceGenerator) any { return a.oneOrList("shop.example", ".", "example.com") })},
		{name: "dns_opt", percent: 7, write: someOf("ndots:2", "timeout:1", "use-vc")},
		{name: "extra_hosts", percent: 15, write: oneOf([]any{"elsewhere.example:192.0.2.7", "host.docker.internal:host-gateway"},
			[]any{"six.example=[2001:db8::7]", "more.example=192.0.2.8"}, map[string]any{"a.example": "192.0.2.9",
				"b.example": []any{"192.0.2.10", "192.0.2.11"}},
			[]any{"six.example:2001:db8::8", "twice.example:192.0.2.1", "twice.example:192.0.2.2"})},
	}
}

// networks generates networks of the file, in short form or with all attributes of an endpoint.
func (a *serviceGenerator) networks() any {
	keys := a.chooseSome("default", "back", "front")
	if a.happens(30) {
		return keys
	}
	all := map[string]any{}
	for _, key := range keys {
		all[key.(string)] = a.endpoint(key.(string))
	}
	return all
}

func (a *serviceGenerator) endpoint(network string) any {
	if a.happens(25) {
		return nil
	}
	e := map[string]any{}
	if a.happens(50) {
		e["aliases"] = a.chooseSome("shop", "UPPER", "shop.example", "beta")
	}
	if a.happens(30) {
		e["priority"] = a.choose(1000, -5, 0, 7)
	}
	if a.happens(25) {
		e["driver_opts"] = map[string]any{"com.example.endpoint": a.choose("yes", 7)}
	}
	if a.happens(15) {
		e["link_local_ips"] = []any{fmt.Sprintf("169.254.8.%d", 1+a.nextNumber()%250)}
	}
	if network == "back" && a.happens(40) {
		e["ipv4_address"] = fmt.Sprintf("@subnet.%d", 10+a.nextNumber()%200)
	}
	return e
}

// portGenerators publish no port in practice: a container with ports never starts.
func portGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "expose", percent: 15, write: someOf("9000", 9001, "9100-9102/udp", "9200/tcp", "9300-9301", "9400/sctp")},
		{name: "ports", percent: 30, write: writeAlways((*serviceGenerator).ports)},
	}
}

func (a *serviceGenerator) ports() any {
	return a.chooseSome("8080", 8081, "18080:80", "127.0.0.1:18081:81", "127.0.0.1::82", "18082:82/udp", "18090-18092:90-92",
		"18095-18099:95", "[::1]:18083:83",
		"6000-6002", map[string]any{"target": 84}, map[string]any{"target": 85, "published": 18085, "protocol": "udp", "mode": "host"},
		map[string]any{"target": 86, "published": "18086-18089", "host_ip": "127.0.0.1", "app_protocol": "http"},
		map[string]any{"target": 80, "published": "18100", "mode": "ingress", "name": "web"}, map[string]any{"target": 87,
			"host_ip": "::1", "protocol": "sctp"})
}
