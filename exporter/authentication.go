package exporter

import (
	"os"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"
)

// ValidateWebConfig is why Listen would refuse a web configuration; nil: it would not, as with "", which is none.
func ValidateWebConfig(file string) error { return web.Validate(file) }

// WebConfigError is a web configuration that Listen refuses: it is as wrong the next time.
type WebConfigError struct {
	File string
	Err  error
}

// Error names the key and the file.
func (e *WebConfigError) Error() string {
	return "exporter.web_config_file " + e.File + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *WebConfigError) Unwrap() error { return e.Err }

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
