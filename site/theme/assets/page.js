{% filter js %}
{% for name in ["colours", "closed-boxes", "where-in-the-page", "copy", "run-in-page", "claim-marks", "words", "by-keyboard", "searched-words", "open-search", "open-requests"] %}
{% include "js/" ~ name ~ ".js" %}

{% endfor %}
{% endfilter %}
