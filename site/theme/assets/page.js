{% filter js %}
{% for name in ["colours", "closed-boxes", "where-in-the-page", "copy", "claim-marks", "words", "by-keyboard", "searched-words", "open-search"] %}
{% include "js/" ~ name ~ ".js" %}

{% endfor %}
{% endfilter %}
