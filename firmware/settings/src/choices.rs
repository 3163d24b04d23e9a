//! Choices that the program treats differently, as types.

macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// The names of all, as they are set.
            pub const NAMES: &'static [&'static str] = &[$($text,)*];

            /// Its name, as it is set.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The one of that name.
            pub fn from_name(name: &str) -> Option<$name> {
                match name { $($text => Some($name::$variant),)* _ => None }
            }
        }
    };
}

choice! {
    /// What decides how bright the picture is.
    BrightnessMode {
        /// One brightness day and night.
        Fixed = "fixed",
        /// One by day, one by night.
        Schedule = "schedule",
        /// As bright as the room that the camera sees.
        Camera = "camera",
    }
}

choice! {
    /// How the painting is brought to the screen's size.
    Fit {
        /// As large as it fits, all of it visible, wall around it.
        Fit = "fit",
        /// As small as fills the screen; what does not fit is cut off evenly.
        Fill = "fill",
        /// One painting pixel to one screen pixel, in the middle.
        Exact = "exact",
    }
}

choice! {
    /// How the display is put to sleep outside opening hours.
    DisplayPower {
        /// The graphics driver stops the signal (DPMS).
        Dpms = "dpms",
        /// A command over the display's cable (DDC/CI); not every display obeys.
        Ddc = "ddc",
        /// It stays on and shows black.
        None = "none",
    }
}
