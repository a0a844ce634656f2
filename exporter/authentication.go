package exporter

import (
	"os"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"
)

// ValidateWebConfig is why Listen would refuse a web configuration; nil: it would not, as with "", which is none.
func ValidateWebConfig(file string) error { return web.Validate(file) }

// authenticates reports whether a web configuration lets in nobody who has not proved who he is: by a password, or by a
// certificate that was verified. It is read anew each time, as the exporter toolkit does.
func authenticates(webConfig string) (bool, error) {
	if webConfig == "" {
		return false, nil
	}
	text, err := os.ReadFile(webConfig)
	if err != nil {
		return false, err
	}
	var config struct {
		TLS struct {
			ClientAuth string `yaml:"client_auth_type"`
		} `yaml:"tls_server_config"`
		Users map[string]string `yaml:"basic_auth_users"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return false, err
	}
	return len(config.Users) > 0 || config.TLS.ClientAuth == "RequireAndVerifyClientCert", nil
}
